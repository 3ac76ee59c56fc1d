using System;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace SmToken
{
    /// <summary>
    /// Keeps a valid token: served from memory, refreshed in time, fetched once however many threads wait.
    /// Any number of threads may use one client at once.
    /// </summary>
    public sealed class SmClient : IDisposable
    {
        // Nearly every token fits the first; every one fits the second.
        private const int UsualAuthorization = 1024;
        private const int LongestAuthorization = 16 * 1024 + 8;

        // To the library: as long as the timeout of the options.
        private const long WholeTimeout = -1;

        private readonly ClientHandle handle;
        private readonly Waiting waiting;
        private int disposed;

        /// <summary>A client with the credentials of SMX_CLIENT_ID and SMX_CLIENT_SECRET.</summary>
        public SmClient(SmOptions options = null) : this(null, null, options) { }

        /// <summary>Makes no request yet. Options, the environment and the CA file are read now.</summary>
        /// <exception cref="SmTokenException">An argument is bad, or nothing can be trusted.</exception>
        public SmClient(string clientId, string clientSecret, SmOptions options = null)
        {
            byte[] id = null, secret = null;
            GCHandle log = default(GCHandle);
            try
            {
                id = Utf8.ToNative(clientId, "clientId");
                secret = Utf8.ToNative(clientSecret, "clientSecret");
                using (OptionsHandle native = (options ?? new SmOptions()).ToNative(out log))
                {
                    ErrorHandle error;
                    int status = NativeMethods.sm_client_new(id, secret, native, out handle, out error);
                    SmTokenException.ThrowUnlessOk(status, error);
                    handle.Log = log;
                    waiting = new Waiting(TokenWithin);
                }
            }
            catch
            {
                if (log.IsAllocated) log.Free();
                throw;
            }
            finally
            {
                Utf8.Wipe(id);
                Utf8.Wipe(secret);
            }
        }

        /// <summary>The version of the native library that runs, as "MAJOR.MINOR.PATCH".</summary>
        public static string LibraryVersion
        {
            get { return Utf8.FromNative(NativeMethods.sm_version()); }
        }

        /// <summary>The current token, fetched or refreshed where it must be; the caller disposes of it.</summary>
        /// <exception cref="SmTokenException">There is none; its status says why.</exception>
        public SmAccessToken Token()
        {
            return TokenWithin(WholeTimeout);
        }

        /// <summary>As <see cref="Token()"/>, waiting at most so long: with zero not at all. The request goes on for the
        /// next call.</summary>
        /// <exception cref="SmTokenException">There is none; its status is <see cref="SmStatus.Timeout"/>, which is
        /// retryable, after that time.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The wait is negative.</exception>
        public SmAccessToken Token(TimeSpan wait)
        {
            return TokenWithin(Milliseconds(wait));
        }

        /// <summary>As <see cref="Token()"/>, without a thread of the caller's or the pool's: one waits for all.</summary>
        /// <exception cref="OperationCanceledException">Of the task: the caller no longer waits. The request goes on for
        /// the others and for the next call.</exception>
        public Task<SmAccessToken> TokenAsync(CancellationToken cancellation = default(CancellationToken))
        {
            return Async(() => TokenWithin(0), token => token, true, cancellation);
        }

        /// <summary>The current "Bearer TOKEN": the quickest way to the value of the Authorization header.</summary>
        /// <exception cref="SmTokenException">There is none; its status says why.</exception>
        public string Authorization()
        {
            return AuthorizationWithin(WholeTimeout);
        }

        /// <summary>As <see cref="Authorization()"/>, waiting at most so long: with zero not at all. The request goes on
        /// for the next call.</summary>
        /// <exception cref="SmTokenException">There is none; its status is <see cref="SmStatus.Timeout"/>, which is
        /// retryable, after that time.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The wait is negative.</exception>
        public string Authorization(TimeSpan wait)
        {
            return AuthorizationWithin(Milliseconds(wait));
        }

        /// <summary>As <see cref="Authorization()"/>, without a thread of the caller's or the pool's: one waits for all.</summary>
        /// <exception cref="OperationCanceledException">Of the task: the caller no longer waits. The request goes on for
        /// the others and for the next call.</exception>
        public Task<string> AuthorizationAsync(CancellationToken cancellation = default(CancellationToken))
        {
            return Async(() => AuthorizationWithin(0), token => token.Authorization, false, cancellation);
        }

        /// <summary>
        /// Drops a token that a resource refused (HTTP 401), if it is still the current one, so that the next
        /// call waits for another. null drops whichever is current, and forgets a remembered failure.
        /// </summary>
        /// <exception cref="ObjectDisposedException">The client or the token was disposed of.</exception>
        public void Invalidate(SmAccessToken token)
        {
            if (token == null)
            {
                NativeMethods.sm_client_invalidate(handle, IntPtr.Zero);
                return;
            }
            token.Handle.Use(refused => NativeMethods.sm_client_invalidate(handle, refused));
        }

        /// <summary>As <see cref="Invalidate"/>, for the text that was sent, with or without "Bearer ".</summary>
        public void InvalidateAuthorization(string authorization)
        {
            byte[] text = Utf8.ToNative(authorization, "authorization");
            NativeMethods.sm_client_invalidate_authorization(handle, text);
            Utf8.Wipe(text);
        }

        /// <summary>
        /// Puts credentials in place of those before, wherever they came from: for a vault that hands out new ones.
        /// The next request uses them; a remembered refusal is forgotten; the current token stays.
        /// </summary>
        /// <exception cref="SmTokenException">One of them is bad; those before stay in place.</exception>
        public void SetCredentials(string clientId, string clientSecret)
        {
            byte[] id = null, secret = null;
            try
            {
                id = Utf8.ToNative(clientId, "clientId");
                secret = Utf8.ToNative(clientSecret, "clientSecret");
                ErrorHandle error;
                int status = NativeMethods.sm_client_set_credentials(handle, id, secret, out error);
                SmTokenException.ThrowUnlessOk(status, error);
            }
            finally
            {
                Utf8.Wipe(id);
                Utf8.Wipe(secret);
            }
        }

        /// <summary>
        /// Lets every caller that waits go with <see cref="SmStatus.Canceled"/>, and refuses later calls with it.
        /// </summary>
        public void Shutdown()
        {
            NativeMethods.sm_client_shutdown(handle);
        }

        /// <summary>
        /// Shuts down, and frees the client when the last call on it has returned. Its tokens live on.
        /// </summary>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref disposed, 1) != 0) return;
            Shutdown();
            handle.Dispose();
        }

        private SmAccessToken TokenWithin(long milliseconds)
        {
            TokenHandle token;
            ErrorHandle error;
            int status = NativeMethods.sm_client_token_within(handle, milliseconds, out token, out error);
            SmTokenException.ThrowUnlessOk(status, error);
            return new SmAccessToken(token);
        }

        private string AuthorizationWithin(long milliseconds)
        {
            return AuthorizationWithin(milliseconds, UsualAuthorization)
                ?? AuthorizationWithin(milliseconds, LongestAuthorization);
        }

        /// <returns>null where the buffer is too small.</returns>
        private string AuthorizationWithin(long milliseconds, int capacity)
        {
            var buffer = new byte[capacity];
            UIntPtr length;
            ErrorHandle error;
            int status = NativeMethods.sm_client_authorization_within(
                handle, milliseconds, buffer, new UIntPtr((uint)capacity), out length, out error);
            using (error)
            {
                if (status == NativeMethods.SM_ERROR_BUFFER_TOO_SMALL && capacity < LongestAuthorization) return null;
                SmTokenException.ThrowUnlessOk(status, error);
            }
            string text = Utf8.FromBytes(buffer, (int)length.ToUInt32());
            Utf8.Wipe(buffer);
            return text;
        }

        /// <summary>What is there now, or else a task for what the token brings that is waited for.</summary>
        private Task<T> Async<T>(
            Func<T> now, Func<SmAccessToken, T> read, bool owns, CancellationToken cancellation)
        {
            if (cancellation.IsCancellationRequested) return Task.FromCanceled<T>(cancellation);
            try
            {
                return Task.FromResult(now());
            }
            catch (SmTokenException failed)
            {
                if (!failed.IsUnderWay) return Task.FromException<T>(failed);
            }
            return waiting.For(read, owns, cancellation);
        }

        /// <summary>Rounded up, so that only zero means not to wait.</summary>
        private static long Milliseconds(TimeSpan wait)
        {
            if (wait < TimeSpan.Zero) throw new ArgumentOutOfRangeException("wait", "the wait is negative");
            return (long)Math.Ceiling(wait.TotalMilliseconds);
        }
    }
}
