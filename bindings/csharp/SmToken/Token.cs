using System;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SmToken
{
    /// <summary>
    /// An access token. Disposing of it wipes the library's copy; the strings that were read from it stay in
    /// managed memory until they are collected. Any number of threads may use one at once.
    /// </summary>
    public sealed class Token : IDisposable
    {
        private static readonly DateTime UnixEpoch = new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);

        internal Token(TokenHandle handle)
        {
            Handle = handle;
        }

        internal TokenHandle Handle { get; private set; }

        /// <summary>Asks the server for a token, with the credentials of SMX_CLIENT_ID and SMX_CLIENT_SECRET.</summary>
        public static Token Fetch(Options options = null)
        {
            return Fetch(null, null, options);
        }

        /// <summary>
        /// Asks the server for a token and waits for it: one request, and its retries within the timeout. Who
        /// needs a token more than once keeps a <see cref="Client"/>.
        /// </summary>
        /// <exception cref="SmTokenException">There is none; its status says why.</exception>
        public static Token Fetch(string clientId, string clientSecret, Options options = null)
        {
            byte[] id = null, secret = null;
            GCHandle log = default(GCHandle);
            try
            {
                id = Utf8.ToNative(clientId, "clientId");
                secret = Utf8.ToNative(clientSecret, "clientSecret");
                using (OptionsHandle native = (options ?? new Options()).ToNative(out log))
                {
                    TokenHandle token;
                    ErrorHandle error;
                    int status = NativeMethods.sm_token_fetch(id, secret, native, out token, out error);
                    SmTokenException.ThrowUnlessOk(status, error);
                    return new Token(token);
                }
            }
            finally
            {
                Utf8.Wipe(id);
                Utf8.Wipe(secret);
                if (log.IsAllocated) log.Free();
            }
        }

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
