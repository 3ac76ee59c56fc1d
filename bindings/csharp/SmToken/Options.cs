using System;
using System.Runtime.InteropServices;

namespace SmToken
{
    /// <summary>Whose certificate authorities are trusted where no CA file is given.</summary>
    public enum Trust
    {
        System = NativeMethods.SM_TRUST_SYSTEM,

        /// <summary>Mozilla's as of the library's build, for systems without a store.</summary>
        Bundled = NativeMethods.SM_TRUST_BUNDLED,
    }

    /// <summary>
    /// What can be chosen about how tokens are fetched; null means the default. A value out of range is an
    /// <see cref="SmTokenException"/> of the fetch or the client that takes it.
    /// </summary>
    public sealed class Options
    {
        /// <summary>Default: SMX_BASE_URL of the environment, else https://api.standardmetrics.io.</summary>
        public string BaseUrl { get; set; }

        /// <summary>Space separated. Default: none, so that the server chooses.</summary>
        public string Scope { get; set; }

        /// <summary>1 to 256 characters of printable ASCII. Default: "sm-token/" and the version.</summary>
        public string UserAgent { get; set; }

        /// <summary>
        /// [SCHEME://][USER[:PASSWORD]@]HOST[:PORT]; "" means none. Default: HTTPS_PROXY and its kin.
        /// </summary>
        public string Proxy { get; set; }

        /// <summary>A PEM file of certificate authorities, trusted in place of the system's. Default: none.</summary>
        public string CaFile { get; set; }

        /// <summary>Default: the system's.</summary>
        public Trust? Trust { get; set; }

        /// <summary>The deadline of a whole call, retries included; more than 0. Default: 30 s.</summary>
        public TimeSpan? Timeout { get; set; }

        /// <summary>Of one connection: resolving, proxy and TLS; more than 0. Default: 10 s.</summary>
        public TimeSpan? ConnectTimeout { get; set; }

        /// <summary>How often a request that failed in passing is sent again. Default: 2; 0 turns it off.</summary>
        public uint? MaxRetries { get; set; }

        /// <summary>
        /// Hears log messages, none of which holds a secret, on whichever threads call this package, also on
        /// several at once. What it throws is dropped. Default: nobody.
        /// </summary>
        public Action<LogLevel, string> Log { get; set; }

        /// <summary>The least important level that <see cref="Log"/> hears. Default: Info.</summary>
        public LogLevel? LogLevel { get; set; }

        /// <summary>Options of the C library with these values. The caller frees the handler, after its last call.</summary>
        internal OptionsHandle ToNative(out GCHandle handler)
        {
            handler = default(GCHandle);
            OptionsHandle native = NativeMethods.sm_options_new();
            try
            {
                Set("BaseUrl", NativeMethods.sm_options_set_base_url, native, BaseUrl);
                Set("Scope", NativeMethods.sm_options_set_scope, native, Scope);
                Set("UserAgent", NativeMethods.sm_options_set_user_agent, native, UserAgent);
                Set("Proxy", NativeMethods.sm_options_set_proxy, native, Proxy);
                Set("CaFile", NativeMethods.sm_options_set_ca_file, native, CaFile);
                if (Trust.HasValue)
                    Check("Trust", NativeMethods.sm_options_set_trust(native, (int)Trust.Value));
                if (Timeout.HasValue)
                    Check("Timeout", NativeMethods.sm_options_set_timeout_ms(
                        native, Milliseconds("Timeout", Timeout.Value)));
                if (ConnectTimeout.HasValue)
                    Check("ConnectTimeout", NativeMethods.sm_options_set_connect_timeout_ms(
                        native, Milliseconds("ConnectTimeout", ConnectTimeout.Value)));
                if (MaxRetries.HasValue)
                    Check("MaxRetries", NativeMethods.sm_options_set_max_retries(native, MaxRetries.Value));
                if (Log != null)
                {
                    handler = GCHandle.Alloc(Log);
                    LogLevel level = LogLevel ?? SmToken.LogLevel.Info;
                    Check("LogLevel", NativeMethods.sm_options_set_log(
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

        private static void Set(
            string name, Func<OptionsHandle, byte[], int> setter, OptionsHandle native, string value)
        {
            Check(name, setter(native, Utf8.ToNative(value, name)));
        }

        private static void Check(string name, int status)
        {
            if (status == NativeMethods.SM_OK) return;
            string why = Utf8.FromNative(NativeMethods.sm_status_message(status));
            throw new SmTokenException((Status)status, name + ": " + why);
        }

        private static uint Milliseconds(string name, TimeSpan duration)
        {
            double milliseconds = Math.Ceiling(duration.TotalMilliseconds);
            if (milliseconds < 1 || milliseconds > uint.MaxValue)
                throw new SmTokenException(Status.InvalidArgument, name + " must be more than 0 and less than 50 days");
            return (uint)milliseconds;
        }
    }
}
