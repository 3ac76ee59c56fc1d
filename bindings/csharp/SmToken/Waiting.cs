using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace SmToken
{
    /// <summary>
    /// Those who wait for a client's token by a task: one thread waits for all of them, and lives for as long as
    /// anybody does. It is no thread of the pool; and none of the library's comes into the runtime, where Mono's
    /// collector would stop it by a signal, which the library's threads block.
    /// </summary>
    internal sealed class Waiting
    {
        private readonly Func<long, SmAccessToken> within;

        // Locked for what is below.
        private readonly object gate = new object();
        private List<Waiter> waiters = new List<Waiter>();
        private bool isRunning;

        /// <param name="within">Waits for a token for at most so many milliseconds; -1 for the timeout.</param>
        internal Waiting(Func<long, SmAccessToken> within)
        {
            this.within = within;
        }

        /// <summary>A task for what is read from the token.</summary>
        /// <param name="owns">The result is the token itself.</param>
        internal Task<T> For<T>(Func<SmAccessToken, T> read, bool owns, CancellationToken cancellation)
        {
            var waiter = new Waiter<T>(read, owns);
            if (cancellation.CanBeCanceled)
            {
                CancellationTokenRegistration registration = cancellation.Register(() => waiter.Cancel(cancellation));
                // It must not outlive the wait: the source of the cancellation may live for as long as the program.
                waiter.Task.ContinueWith(
                    _ => registration.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
            Add(new List<Waiter> { waiter });
            return waiter.Task;
        }

        private void Add(List<Waiter> added)
        {
            lock (gate)
            {
                waiters.AddRange(added);
                if (isRunning || waiters.Count == 0) return;
                isRunning = true;
            }
            new Thread(Run) { IsBackground = true, Name = "sm_token" }.Start();
        }

        private void Run()
        {
            while (true)
            {
                SmAccessToken token = null;
                Exception failure = null;
                try
                {
                    token = within(-1);
                }
                catch (Exception thrown)
                {
                    failure = thrown;
                }

                List<Waiter> ended;
                lock (gate)
                {
                    ended = waiters;
                    waiters = new List<Waiter>();
                }
                foreach (Waiter each in ended) End(each, ref token, failure);
                if (token != null) token.Dispose();

                lock (gate)
                {
                    isRunning = waiters.Count > 0;
                    if (!isRunning) return;
                }
            }
        }

        private void End(Waiter waiter, ref SmAccessToken token, Exception failure)
        {
            if (failure != null || waiter.IsOver)
            {
                waiter.Fail(failure);
                return;
            }
            try
            {
                // The first who owns one takes what was waited for; the others ask for what is in memory.
                if (token == null) token = within(0);
                if (waiter.Take(token) && waiter.Owns) token = null;
            }
            catch (SmTokenException gone) when (gone.IsUnderWay)
            {
                lock (gate) waiters.Add(waiter);
            }
            catch (Exception thrown)
            {
                waiter.Fail(thrown);
            }
        }
    }

    /// <summary>One who waits.</summary>
    internal abstract class Waiter
    {
        internal abstract bool Owns { get; }

        /// <summary>Nobody waits any more.</summary>
        internal abstract bool IsOver { get; }

        /// <returns>false where the task was canceled.</returns>
        internal abstract bool Take(SmAccessToken token);

        internal abstract void Fail(Exception failure);
    }

    internal sealed class Waiter<T> : Waiter
    {
        // What continues the task could hold up those who wait too.
        private readonly TaskCompletionSource<T> source =
            new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);

        private readonly Func<SmAccessToken, T> read;
        private readonly bool owns;

        internal Waiter(Func<SmAccessToken, T> read, bool owns)
        {
            this.read = read;
            this.owns = owns;
        }

        internal Task<T> Task
        {
            get { return source.Task; }
        }

        internal override bool Owns
        {
            get { return owns; }
        }

        internal override bool IsOver
        {
            get { return source.Task.IsCompleted; }
        }

        internal void Cancel(CancellationToken cancellation)
        {
            source.TrySetCanceled(cancellation);
        }

        internal override bool Take(SmAccessToken token)
        {
            return source.TrySetResult(read(token));
        }

        internal override void Fail(Exception failure)
        {
            if (failure != null) source.TrySetException(failure);
        }
    }
}
