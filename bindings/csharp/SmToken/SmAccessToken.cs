using System;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace SmToken
{
    /// <summary>
    /// An access token. Disposing of it wipes the library's copy; the strings that were read from it stay in
    /// managed memory until they are collected. Any number of threads may use one at once.
    /// </summary>
    public sealed class SmAccessToken : IDisposable
    {
        private static readonly DateTime UnixEpoch = new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);

        internal SmAccessToken(TokenHandle handle)
        {
            Handle = handle;
        }

        internal TokenHandle Handle { get; private set; }

        /// <summary>Asks the server for a token, with the credentials of SMX_CLIENT_ID and SMX_CLIENT_SECRET.</summary>
        public static SmAccessToken Fetch(SmOptions options = null)
        {
            return Fetch(null, null, options);
        }

        /// <summary>
        /// Asks the server for a token and waits for it: one request, and its retries within the timeout. A program that
        /// needs a token more than once keeps a <see cref="SmClient"/>.
        /// </summary>
        /// <exception cref="SmTokenException">There is none; its status says why.</exception>
        public static SmAccessToken Fetch(string clientId, string clientSecret, SmOptions options = null)
        {
            return Fetch(clientId, clientSecret, options, null);
        }

        /// <summary>As <see cref="Fetch(SmOptions)"/>, on a thread of its own.</summary>
        /// <exception cref="OperationCanceledException">Of the task: the caller no longer waits. The request ends within
        /// 100 ms.</exception>
        public static Task<SmAccessToken> FetchAsync(
            SmOptions options = null, CancellationToken cancellation = default(CancellationToken))
        {
            return FetchAsync(null, null, options, cancellation);
        }

        /// <summary>As <see cref="Fetch(string, string, SmOptions)"/>, on a thread of its own.</summary>
        /// <exception cref="OperationCanceledException">Of the task: the caller no longer waits. The request ends within
        /// 100 ms.</exception>
        public static Task<SmAccessToken> FetchAsync(
            string clientId,
            string clientSecret,
            SmOptions options = null,
            CancellationToken cancellation = default(CancellationToken))
        {
            if (cancellation.IsCancellationRequested) return Task.FromCanceled<SmAccessToken>(cancellation);
            // Not on the pool's: a call of the library holds its thread.
            var source = new TaskCompletionSource<SmAccessToken>(TaskCreationOptions.RunContinuationsAsynchronously);
            CancellationTokenRegistration registration = cancellation.Register(() => source.TrySetCanceled(cancellation));
            var thread = new Thread(() =>
            {
                try
                {
                    SmAccessToken token = Fetch(clientId, clientSecret, options, () => !source.Task.IsCompleted);
                    if (!source.TrySetResult(token)) token.Dispose();
                }
                catch (Exception failure)
                {
                    source.TrySetException(failure);
                }
                registration.Dispose();
            });
            thread.IsBackground = true;
            thread.Start();
            return source.Task;
        }

        private static SmAccessToken Fetch(
            string clientId, string clientSecret, SmOptions options, Func<bool> keepWaiting)
        {
            byte[] id = null, secret = null;
            GCHandle log = default(GCHandle);
            NativeMethods.sm_keep_waiting_fn asked = _ => keepWaiting() ? 1 : 0;
            try
            {
                id = Utf8.ToNative(clientId, "clientId");
                secret = Utf8.ToNative(clientSecret, "clientSecret");
                using (OptionsHandle native = (options ?? new SmOptions()).ToNative(out log))
                {
                    if (keepWaiting != null) SmOptions.KeepWaiting(native, asked);
                    TokenHandle token;
                    ErrorHandle error;
                    int status = NativeMethods.sm_token_fetch(id, secret, native, out token, out error);
                    SmTokenException.ThrowUnlessOk(status, error);
                    return new SmAccessToken(token);
                }
            }
            finally
            {
                GC.KeepAlive(asked);
                Utf8.Wipe(id);
                Utf8.Wipe(secret);
                if (log.IsAllocated) log.Free();
            }
        }

        /// <summary>The token itself.</summary>
        [DebuggerBrowsable(DebuggerBrowsableState.Never)]
        public string AccessToken
        {
            get { return Handle.Text<TokenHandle>(NativeMethods.sm_token_access_token); }
        }

        /// <summary>"Bearer TOKEN", the value of the Authorization header.</summary>
        [DebuggerBrowsable(DebuggerBrowsableState.Never)]
        public string Authorization
        {
            get { return Handle.Text<TokenHandle>(NativeMethods.sm_token_authorization); }
        }

        /// <summary>"Bearer", in some case.</summary>
        public string Type
        {
            get { return Handle.Text<TokenHandle>(NativeMethods.sm_token_type); }
        }

        /// <summary>The granted scope, space separated; "" where the server did not say.</summary>
        public string Scope
        {
            get { return Handle.Text<TokenHandle>(NativeMethods.sm_token_scope); }
        }

        /// <summary>When it expires (UTC), counted from when the request for it was sent.</summary>
        public DateTime ExpiresAt
        {
            get { return UnixEpoch.AddSeconds(NativeMethods.sm_token_expires_at(Handle)); }
        }

        /// <summary>How long it is still good from now, in whole seconds; never negative.</summary>
        public TimeSpan ExpiresIn
        {
            get { return TimeSpan.FromSeconds(NativeMethods.sm_token_expires_in(Handle)); }
        }

        public void Dispose()
        {
            Handle.Dispose();
        }
    }
}
