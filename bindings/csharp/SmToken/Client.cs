using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace SmToken
{
    /// <summary>
    /// Keeps a valid token: served from memory, refreshed in time, fetched once however many threads wait.
    /// Any number of threads may use one client at once.
    /// </summary>
    public sealed class Client : IDisposable
    {
        // Nearly every token fits the first; every one fits the second.
        private const int UsualAuthorization = 1024;
        private const int LongestAuthorization = 16 * 1024 + 8;

        private readonly ClientHandle handle;
        private int disposed;

        /// <summary>A client with the credentials of SMX_CLIENT_ID and SMX_CLIENT_SECRET.</summary>
        public Client(Options options = null) : this(null, null, options) { }

        /// <summary>Makes no request yet. Options, the environment and the CA file are read now.</summary>
        /// <exception cref="SmTokenException">An argument is bad, or nothing can be trusted.</exception>
        public Client(string clientId, string clientSecret, Options options = null)
        {
            byte[] id = null, secret = null;
            GCHandle log = default(GCHandle);
            try
            {
                id = Utf8.ToNative(clientId, "clientId");
                secret = Utf8.ToNative(clientSecret, "clientSecret");
                using (OptionsHandle native = (options ?? new Options()).ToNative(out log))
                {
                    ErrorHandle error;
                    int status = NativeMethods.sm_client_new(id, secret, native, out handle, out error);
                    SmTokenException.ThrowUnlessOk(status, error);
                    handle.Log = log;
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
        public Token Token()
        {
            TokenHandle token;
            ErrorHandle error;
            int status = NativeMethods.sm_client_token(handle, out token, out error);
            SmTokenException.ThrowUnlessOk(status, error);
            return new Token(token);
        }

        /// <summary>The current "Bearer TOKEN": the quickest way to the value of the Authorization header.</summary>
        /// <exception cref="SmTokenException">There is none; its status says why.</exception>
        public string Authorization()
        {
            return Authorization(UsualAuthorization) ?? Authorization(LongestAuthorization);
        }

        /// <summary>
        /// Drops a token that a resource refused (HTTP 401), if it is still the current one, so that the next
        /// call waits for another. null drops whichever is current, and forgets a remembered failure.
        /// </summary>
        public void Invalidate(Token token)
        {
            // A handle that was never filled in is NULL to the library.
            NativeMethods.sm_client_invalidate(handle, token == null ? new TokenHandle() : token.Handle);
        }

        /// <summary>As <see cref="Invalidate"/>, for the text that was sent, with or without "Bearer ".</summary>
        public void InvalidateAuthorization(string authorization)
        {
            byte[] text = Utf8.ToNative(authorization, "authorization");
            NativeMethods.sm_client_invalidate_authorization(handle, text);
            Utf8.Wipe(text);
        }

        /// <summary>
        /// Lets every caller that waits go with <see cref="Status.Canceled"/>, and refuses later calls with it.
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

        /// <returns>null where the buffer is too small.</returns>
        private string Authorization(int capacity)
        {
            var buffer = new byte[capacity];
            UIntPtr length;
            ErrorHandle error;
            int status = NativeMethods.sm_client_authorization(
                handle, buffer, new UIntPtr((uint)capacity), out length, out error);
            using (error)
            {
                if (status == NativeMethods.SM_ERROR_BUFFER_TOO_SMALL && capacity < LongestAuthorization) return null;
                SmTokenException.ThrowUnlessOk(status, error);
            }
            string text = Utf8.FromBytes(buffer, (int)length.ToUInt32());
            Utf8.Wipe(buffer);
            return text;
        }
    }
}
