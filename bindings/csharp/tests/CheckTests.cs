using System.Linq;
using SmToken;

public sealed class CheckTests
{
    private const string Names = "credentials, base URL, proxy, name, connection, TLS, certificate, clock, answer";

    // contract: check
    public void every_step_to_the_real_server_is_right()
    {
        SmCheck check = SmCheck.Run(Service.Trusted());
        Expect.Equal(Names, string.Join(", ", check.Steps.Select(step => step.Name)));
        foreach (SmCheckStep step in check.Steps)
        {
            Expect.Equal(step.Name + " Ok", step.Name + " " + step.Verdict);
            Expect.That(step.Text.Length > 0, step.Name + " has a text");
        }
        Expect.That(check.Failure == null, "no failure");
    }

    public void a_refused_secret_is_named_by_the_answer()
    {
        SmCheck check = SmCheck.Run(Service.ClientId, "a wrong secret", Service.Trusted());
        Expect.Equal(Names, string.Join(", ", check.Steps.Select(step => step.Name)));
        SmCheckStep wrong = check.Steps.Single(step => step.Verdict == SmVerdict.Wrong);
        Expect.Equal("answer", wrong.Name);
        Expect.That(wrong.Advice.Length > 0, "there is something to do");
        Expect.Equal(40, (int)check.Failure.Status);
        Expect.That(check.Steps.All(step => !step.Text.Contains("a wrong secret")), "the secret is not shown");
    }

    public void half_of_the_credentials_is_a_step_that_is_wrong()
    {
        SmCheck check = SmCheck.Run(Service.ClientId, null, Service.Trusted());
        Expect.Equal("Wrong, Unknown", check.Steps[0].Verdict + ", " + check.Steps[1].Verdict);
        Expect.Equal(SmStatus.InvalidArgument, check.Failure.Status);
    }

    public void an_option_that_is_refused_is_thrown()
    {
        var error = Expect.Throws<SmTokenException>(() => SmCheck.Run(new SmOptions { BaseUrl = "https:/?" }));
        Expect.Equal(SmStatus.InvalidArgument, error.Status);
    }
}
