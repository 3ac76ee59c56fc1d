using System.IO;
using SmToken;

/// <summary>Credentials out of files, and new ones for a client.</summary>
public sealed class CredentialsTests
{
    public void credentials_are_read_from_files()
    {
        SmOptions options = Service.Trusted();
        options.ClientIdFile = Path.GetTempFileName();
        options.ClientSecretFile = Path.GetTempFileName();
        try
        {
            File.WriteAllText(options.ClientIdFile, Service.OddClientId + "\n");
            File.WriteAllText(options.ClientSecretFile, Service.OddClientSecret + "\n");
            SmAccessToken.Fetch(options).Dispose();
            File.WriteAllText(options.ClientSecretFile, "a wrong secret");
            Expect.Equal(SmStatus.InvalidClient, Refused(options).Status);
        }
        finally
        {
            File.Delete(options.ClientIdFile);
            File.Delete(options.ClientSecretFile);
        }
    }

    public void a_file_that_is_missing_is_named()
    {
        SmOptions options = Service.Trusted();
        options.ClientIdFile = "/no/such/id";
        options.ClientSecretFile = "/no/such/secret";
        Expect.Contains("/no/such/id", Refused(options).Message);
    }

    public void one_file_without_the_other_is_refused()
    {
        SmOptions options = Service.Trusted();
        options.ClientIdFile = "/no/such/id";
        Expect.Equal(SmStatus.InvalidArgument, Refused(options).Status);
    }

    public void new_credentials_end_a_remembered_refusal()
    {
        using (var client = new SmClient(Service.ClientId, "a wrong secret", Service.Trusted()))
        {
            var refused = Expect.Throws<SmTokenException>(() => client.Authorization());
            Expect.Equal(SmStatus.InvalidClient, refused.Status);
            client.SetCredentials(Service.ClientId, Service.ClientSecret);
            client.Authorization();
        }
    }

    public void new_credentials_leave_the_token()
    {
        using (var client = new SmClient(Service.Trusted()))
        {
            string before = client.Authorization();
            client.SetCredentials(Service.OddClientId, Service.OddClientSecret);
            Expect.That(client.Authorization() == before, "the same token");
        }
    }

    public void new_credentials_that_are_none_are_refused()
    {
        using (var client = new SmClient(Service.Trusted()))
        {
            var refused = Expect.Throws<SmTokenException>(() => client.SetCredentials("id", null));
            Expect.Equal(SmStatus.InvalidArgument, refused.Status);
        }
    }

    private static SmTokenException Refused(SmOptions options)
    {
        return Expect.Throws<SmTokenException>(() => SmAccessToken.Fetch(options));
    }
}
