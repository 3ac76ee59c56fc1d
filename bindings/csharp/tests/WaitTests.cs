using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using SmToken;

/// <summary>How a wait is bounded, interrupted and made asynchronous. The library's own timeout is 30 s here.</summary>
public sealed class WaitTests : IDisposable
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

    // Far less than the library's timeout, and far more than a busy machine needs.
    private static readonly TimeSpan Promptly = TimeSpan.FromSeconds(15);

    private readonly Hole hole = new Hole();
    private readonly SmClient client;

    public WaitTests()
    {
        client = hole.Client();
    }

    void IDisposable.Dispose()
    {
        client.Dispose();
        hole.Dispose();
    }

    // contract: wait-bounded
    public void a_wait_ends_in_time_and_the_request_goes_on()
    {
        using (var answering = new ManualResetEventSlim())
        using (var server = new LongTokenServer("late", answering))
        using (var slow = new SmClient("id", "secret", new SmOptions { BaseUrl = server.Url, MaxRetries = 0 }))
        {
            var late = Expect.Throws<SmTokenException>(() => slow.Authorization(Short));
            Expect.Equal(SmStatus.Timeout, late.Status);
            Expect.That(late.IsRetryable, "it is retryable");
            Expect.Contains("the request goes on", late.Message);
            answering.Set();
            // The server answers one request.
            Expect.That(slow.Authorization() == "Bearer late", "the token of that request");
        }
    }

    public void a_wait_of_nothing_returns_what_is_there()
    {
        using (var real = new SmClient(Service.Trusted()))
        {
            var thrown = Expect.Throws<SmTokenException>(() => real.Token(TimeSpan.Zero));
            Expect.Equal(SmStatus.Timeout, thrown.Status);
            string authorization = real.Authorization();
            Expect.That(real.Authorization(TimeSpan.Zero) == authorization, "the same");
            using (SmAccessToken token = real.Token(TimeSpan.Zero))
            {
                Expect.That(token.Authorization == authorization, "the same");
            }
        }
    }

    public void a_negative_wait_is_refused_by_name()
    {
        Expect.Equal(
            "wait",
            Expect.Throws<ArgumentOutOfRangeException>(() => client.Token(TimeSpan.FromSeconds(-1))).ParamName);
        Expect.Equal(
            "wait",
            Expect.Throws<ArgumentOutOfRangeException>(() => client.Authorization(TimeSpan.FromTicks(-1))).ParamName);
    }

    // contract: wait-interrupted
    public void a_caller_leaves_when_its_token_is_canceled_and_the_others_stay()
    {
        using (var canceling = new CancellationTokenSource())
        {
            Task<string> leaves = client.AuthorizationAsync(canceling.Token);
            Task<SmAccessToken> stays = client.TokenAsync();
            hole.AwaitRequest();
            canceling.Cancel();
            Expect.That(Ended(leaves) && leaves.IsCanceled, "it is canceled");
            Expect.That(!stays.IsCompleted, "the other waits");
            client.Shutdown();
            Expect.Equal(SmStatus.Canceled, Failure(stays).Status);
        }
    }

    public void a_token_that_is_canceled_before_makes_no_request()
    {
        var canceled = new CancellationToken(true);
        using (var real = new SmClient(Service.Trusted()))
        {
            Expect.Equal(0, Service.Requests(() =>
            {
                Expect.That(real.AuthorizationAsync(canceled).IsCanceled, "it is canceled");
                Expect.That(SmAccessToken.FetchAsync(Service.Trusted(), canceled).IsCanceled, "it is canceled");
            }));
        }
    }

    public void a_fetch_ends_with_its_token()
    {
        using (var canceling = new CancellationTokenSource())
        {
            Task<SmAccessToken> fetching = SmAccessToken.FetchAsync("id", "secret", hole.Options, canceling.Token);
            hole.AwaitRequest();
            canceling.Cancel();
            Expect.That(Ended(fetching) && fetching.IsCanceled, "it is canceled");
        }
    }

    public void a_fetch_brings_a_token_or_its_failure()
    {
        using (SmAccessToken token = SmAccessToken.FetchAsync(Service.Trusted()).Result)
        {
            Expect.That(token.AccessToken.Length >= 20, "the token has a length");
        }
        var wrong = SmAccessToken.FetchAsync(Service.ClientId, "a wrong secret", Service.Trusted());
        Expect.Equal(SmStatus.InvalidClient, Failure(wrong).Status);
    }

    // contract: wait-async
    public void ten_thousand_tasks_that_wait_hold_few_threads()
    {
        int before = Threads();
        var waiting = new List<Task>();
        for (int each = 0; each < 5000; each++)
        {
            waiting.Add(client.AuthorizationAsync());
            waiting.Add(client.TokenAsync());
        }
        hole.AwaitRequest();
        int meanwhile = Threads();
        Expect.That(meanwhile < before + 20, before + " threads before, " + meanwhile + " while they wait: few more");
        client.Shutdown();
        foreach (Task each in waiting) Expect.Equal(SmStatus.Canceled, Failure(each).Status);
    }

    public void tasks_that_wait_hold_no_thread_of_the_pool()
    {
        var waiting = new List<Task<string>>();
        for (int each = 0; each < 100; each++) waiting.Add(Task.Run(() => client.AuthorizationAsync()));
        hole.AwaitRequest();
        Expect.That(Ended(Task.Run(() => { })), "a task of the pool runs");
        Expect.That(!waiting.Any(task => task.IsCompleted), "they wait");
    }

    public void a_task_brings_the_token()
    {
        using (var real = new SmClient(Service.Trusted()))
        {
            string authorization = real.AuthorizationAsync().Result;
            using (SmAccessToken token = real.TokenAsync().Result)
            {
                Expect.That(token.Authorization == authorization, "the same token");
            }
        }
    }

    public void a_task_fails_as_the_call_does()
    {
        using (var wrong = new SmClient(Service.ClientId, "a wrong secret", Service.Trusted()))
        {
            Expect.Equal(SmStatus.InvalidClient, Failure(wrong.AuthorizationAsync()).Status);
            Expect.Equal(SmStatus.InvalidClient, Failure(wrong.TokenAsync()).Status);
        }
    }

    public void what_continues_a_task_may_block_and_call_the_client()
    {
        using (var real = new SmClient(Service.Trusted()))
        using (var others = new ManualResetEventSlim())
        {
            Task<string> blocking = real.AuthorizationAsync().ContinueWith(
                _ =>
                {
                    others.Wait();
                    return real.Authorization();
                },
                TaskContinuationOptions.ExecuteSynchronously);
            real.Invalidate(null);
            // On the library's one thread this outcome would wait behind the one that blocks.
            Task<SmAccessToken> next = real.TokenAsync();
            Expect.That(Ended(next), "the next has its token");
            next.Result.Dispose();
            others.Set();
            Expect.That(Ended(blocking) && blocking.Result.StartsWith("Bearer "), "the first goes on");
        }
    }

    public void the_log_hears_of_a_request_that_nobody_blocked_for()
    {
        var heard = new List<string>();
        SmOptions options = Service.Trusted();
        options.Log = (level, line) => heard.Add(line);
        using (var logging = new SmClient(options)) logging.AuthorizationAsync().Wait();
        Expect.That(heard.Any(), "something was heard");
    }

    public void a_disposed_token_invalidates_nothing_and_leaks_no_client()
    {
        using (var real = new SmClient(Service.Trusted()))
        {
            SmAccessToken token = real.Token();
            token.Dispose();
            int before = Holders(real);
            Expect.Throws<ObjectDisposedException>(() => real.Invalidate(token));
            Expect.Equal(before, Holders(real));
        }
    }

    /// <summary>How many calls hold the client's handle, and one: what is held is never freed.</summary>
    private static int Holders(SmClient client)
    {
        const BindingFlags Hidden = BindingFlags.NonPublic | BindingFlags.Instance;
        object handle = typeof(SmClient).GetField("handle", Hidden).GetValue(client);
        // Mono's and .NET's alike: two flags, and above them the count.
        return (int)typeof(SafeHandle).GetField("_state", Hidden).GetValue(handle) >> 2;
    }

    private static bool Ended(Task task)
    {
        return Task.WaitAny(new[] { task }, Promptly) == 0;
    }

    private static SmTokenException Failure(Task task)
    {
        Expect.That(Ended(task), "the task ended");
        return (SmTokenException)task.Exception.GetBaseException();
    }

    /// <summary>Those of the library too.</summary>
    private static int Threads()
    {
        // Mono 6.8 knows the threads of no process on Linux.
        return Suite.IsOnWindows
            ? Process.GetCurrentProcess().Threads.Count
            : Directory.GetDirectories("/proc/self/task").Length;
    }
}
