using System;
using System.Runtime.InteropServices;

namespace SmToken
{
    /// <summary>Whose certificate authorities are trusted where no CA file is given.</summary>
    public enum SmTrust
    {
        System = NativeMethods.SM_TRUST_SYSTEM,

        /// <summary>Mozilla's as of the library's build, for systems without a store.</summary>
        Bundled = NativeMethods.SM_TRUST_BUNDLED,
    }

    /// <summary>
    /// What can be chosen about how tokens are fetched; null means the default. A value out of range is an
    /// <see cref="SmTokenException"/> of the fetch or the client that takes it.
    /// </summary>
    public sealed class SmOptions
    {
        /// <summary>Default: SMX_BASE_URL of the environment, else https://api.standardmetrics.io.</summary>
        public string BaseUrl { get; set; }

        /// <summary>
        /// A file that holds the client id, used with <see cref="ClientSecretFile"/> where a call gives no credentials:
        /// read when a fetch or a client starts, and by a client again as it changes. A newline at its end is no part
        /// of it. Default: none.
        /// </summary>
        public string ClientIdFile { get; set; }

        /// <summary>As <see cref="ClientIdFile"/>, of the client secret.</summary>
        public string ClientSecretFile { get; set; }

        /// <summary>Space separated. Default: none, so that the server chooses.</summary>
        public string Scope { get; set; }

        /// <summary>1 to 256 characters of printable ASCII. Default: "sm-token/" and the version.</summary>
        public string UserAgent { get; set; }

        /// <summary>
        /// [SCHEME://][USER[:PASSWORD]@]HOST[:PORT]; "" means none. Default: HTTPS_PROXY, then ALL_PROXY, less NO_PROXY.
        /// </summary>
        public string Proxy { get; set; }

        /// <summary>A PEM file of certificate authorities, trusted in place of the system's. Default: none.</summary>
        public string CaFile { get; set; }

        /// <summary>Default: the system's.</summary>
        public SmTrust? Trust { get; set; }

        /// <summary>The deadline of a whole call, retries included; more than 0. Default: 30 s.</summary>
        public TimeSpan? Timeout { get; set; }

        /// <summary>Of one connection: resolving, proxy and TLS; more than 0. Default: 10 s.</summary>
        public TimeSpan? ConnectTimeout { get; set; }

        /// <summary>How often a request that failed in passing is sent again. Default: 2; 0 turns it off.</summary>
        public uint? MaxRetries { get; set; }

        /// <summary>
        /// Gets log messages, none of which holds a secret, on whichever threads call this package or await it, also on
        /// several at once. What it throws is dropped. Default: nobody.
        /// </summary>
        public Action<SmLogLevel, string> Log { get; set; }

        /// <summary>The least important level that <see cref="Log"/> gets. Default: Info.</summary>
        public SmLogLevel? LogLevel { get; set; }

        /// <summary>Options of the C library with these values. The caller frees the handler, after its last call.</summary>
        internal OptionsHandle ToNative(out GCHandle handler)
        {
            handler = default(GCHandle);
            OptionsHandle native = NativeMethods.sm_options_new();
            try
            {
                Set("BaseUrl", NativeMethods.sm_options_set_base_url, native, BaseUrl);
                Check(native, NativeMethods.sm_options_set_credential_files(
                    native,
                    Utf8.ToNative(ClientIdFile, "ClientIdFile"),
                    Utf8.ToNative(ClientSecretFile, "ClientSecretFile")));
                Set("Scope", NativeMethods.sm_options_set_scope, native, Scope);
                Set("UserAgent", NativeMethods.sm_options_set_user_agent, native, UserAgent);
                Set("Proxy", NativeMethods.sm_options_set_proxy, native, Proxy);
                Set("CaFile", NativeMethods.sm_options_set_ca_file, native, CaFile);
                if (Trust.HasValue)
                    Check(native, NativeMethods.sm_options_set_trust(native, (int)Trust.Value));
                if (Timeout.HasValue)
                    Check(native, NativeMethods.sm_options_set_timeout_ms(
                        native, Milliseconds(Timeout.Value)));
                if (ConnectTimeout.HasValue)
                    Check(native, NativeMethods.sm_options_set_connect_timeout_ms(
                        native, Milliseconds(ConnectTimeout.Value)));
                if (MaxRetries.HasValue)
                    Check(native, NativeMethods.sm_options_set_max_retries(native, MaxRetries.Value));
                if (Log != null)
                {
                    handler = GCHandle.Alloc(Log);
                    SmLogLevel level = LogLevel ?? SmLogLevel.Info;
                    Check(native, NativeMethods.sm_options_set_log(
                        native, SmToken.Log.Callback, GCHandle.ToIntPtr(handler), (int)level));
                }
                return native;
            }
            catch
            {
                native.Dispose();
                if (handler.IsAllocated) handler.Free();
                throw;
            }
        }

        /// <summary>Has a call that waits ask whether to go on; the delegate must outlive the call.</summary>
        internal static void KeepWaiting(OptionsHandle native, NativeMethods.sm_keep_waiting_fn asked)
        {
            Check(native, NativeMethods.sm_options_set_keep_waiting(native, asked, IntPtr.Zero));
        }

        private static void Set(
            string name, Func<OptionsHandle, byte[], int> setter, OptionsHandle native, string value)
        {
            Check(native, setter(native, Utf8.ToNative(value, name)));
        }

        /// <summary>Throws why the last setter refused, in the library's own words.</summary>
        private static void Check(OptionsHandle native, int status)
        {
            if (status == NativeMethods.SM_OK) return;
            string why = Utf8.FromNative(NativeMethods.sm_options_message(native));
            throw new SmTokenException((SmStatus)status, why);
        }

        /// <summary>Rounded up, so that no duration becomes none. What no uint can hold becomes 0, which the library
        /// refuses.</summary>
        private static uint Milliseconds(TimeSpan duration)
        {
            double milliseconds = Math.Ceiling(duration.TotalMilliseconds);
            return milliseconds < 1 || milliseconds > uint.MaxValue ? 0 : (uint)milliseconds;
        }
    }
}
