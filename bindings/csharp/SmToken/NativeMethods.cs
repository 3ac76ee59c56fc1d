using System;
using System.Runtime.InteropServices;

namespace SmToken
{
    /// <summary>The C interface, declared as in sm_token.h. What it means is said there.</summary>
    /// <remarks>
    /// Text goes in as a byte array and comes out as a pointer (see <see cref="Utf8"/>): what the runtime's
    /// own marshalling makes of a string differs between Mono and .NET. The calling convention is the platform's, as
    /// SM_CALL: __stdcall on 32-bit Windows, elsewhere that of C.
    /// </remarks>
    internal static class NativeMethods
    {
        private const string Library = NativeLibraryName.Declared;

        internal const int SM_OK = 0;
        internal const int SM_ERROR_INVALID_ARGUMENT = 10;
        internal const int SM_ERROR_NO_CREDENTIALS = 11;
        internal const int SM_ERROR_BUFFER_TOO_SMALL = 12;
        internal const int SM_ERROR_INSECURE_URL = 13;
        internal const int SM_ERROR_DNS = 20;
        internal const int SM_ERROR_CONNECT = 21;
        internal const int SM_ERROR_TIMEOUT = 22;
        internal const int SM_ERROR_PROXY = 23;
        internal const int SM_ERROR_IO = 24;
        internal const int SM_ERROR_CANCELED = 25;
        internal const int SM_ERROR_RESOURCES = 26;
        internal const int SM_ERROR_TLS = 30;
        internal const int SM_ERROR_CERTIFICATE = 31;
        internal const int SM_ERROR_NO_TRUST_ROOTS = 32;
        internal const int SM_ERROR_INVALID_CLIENT = 40;
        internal const int SM_ERROR_INVALID_SCOPE = 41;
        internal const int SM_ERROR_OAUTH = 42;
        internal const int SM_ERROR_RATE_LIMITED = 43;
        internal const int SM_ERROR_SERVER = 44;
        internal const int SM_ERROR_HTTP = 45;
        internal const int SM_ERROR_INVALID_RESPONSE = 50;
        internal const int SM_ERROR_RESPONSE_TOO_LARGE = 51;
        internal const int SM_ERROR_INTERNAL = 90;

        internal const int SM_TRUST_SYSTEM = 0;
        internal const int SM_TRUST_BUNDLED = 1;

        internal const int SM_LOG_OFF = 0;
        internal const int SM_LOG_ERROR = 1;
        internal const int SM_LOG_WARN = 2;
        internal const int SM_LOG_INFO = 3;
        internal const int SM_LOG_DEBUG = 4;

        internal const int SM_CHECK_OK = 0;
        internal const int SM_CHECK_WRONG = 1;
        internal const int SM_CHECK_UNKNOWN = 2;

        [UnmanagedFunctionPointer(CallingConvention.Winapi)]
        internal delegate void sm_log_fn(IntPtr user_data, int level, IntPtr message);

        [UnmanagedFunctionPointer(CallingConvention.Winapi)]
        internal delegate int sm_keep_waiting_fn(IntPtr user_data);

        [UnmanagedFunctionPointer(CallingConvention.Winapi)]
        internal delegate int sm_check_fn(IntPtr user_data, IntPtr name, int verdict, IntPtr text, IntPtr advice);

        static NativeMethods()
        {
            NativeLibraryName.Resolve();
        }

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern IntPtr sm_version();

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern IntPtr sm_status_message(int status);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern IntPtr sm_error_message(ErrorHandle error);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern int sm_error_http_status(ErrorHandle error);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern IntPtr sm_error_oauth_code(ErrorHandle error);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern IntPtr sm_error_oauth_description(ErrorHandle error);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern int sm_error_is_retryable(ErrorHandle error);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern long sm_error_retry_after_ms(ErrorHandle error);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern void sm_error_free(IntPtr error);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern OptionsHandle sm_options_new();

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern IntPtr sm_options_message(OptionsHandle options);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern int sm_options_set_base_url(OptionsHandle options, byte[] base_url);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern int sm_options_set_credential_files(
            OptionsHandle options, byte[] client_id_file, byte[] client_secret_file);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern int sm_options_set_scope(OptionsHandle options, byte[] scope);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern int sm_options_set_user_agent(OptionsHandle options, byte[] user_agent);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern int sm_options_set_proxy(OptionsHandle options, byte[] proxy);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern int sm_options_set_ca_file(OptionsHandle options, byte[] ca_file);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern int sm_options_set_trust(OptionsHandle options, int trust);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern int sm_options_set_timeout_ms(OptionsHandle options, uint timeout_ms);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern int sm_options_set_connect_timeout_ms(OptionsHandle options, uint connect_timeout_ms);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern int sm_options_set_max_retries(OptionsHandle options, uint max_retries);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern int sm_options_set_log(
            OptionsHandle options, sm_log_fn log, IntPtr user_data, int level);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern int sm_options_set_keep_waiting(
            OptionsHandle options, sm_keep_waiting_fn keep_waiting, IntPtr user_data);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern void sm_options_free(IntPtr options);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern IntPtr sm_token_access_token(TokenHandle token);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern IntPtr sm_token_authorization(TokenHandle token);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern IntPtr sm_token_type(TokenHandle token);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern IntPtr sm_token_scope(TokenHandle token);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern long sm_token_expires_at(TokenHandle token);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern long sm_token_expires_in(TokenHandle token);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern void sm_token_free(IntPtr token);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern int sm_token_fetch(
            byte[] client_id,
            byte[] client_secret,
            OptionsHandle options,
            out TokenHandle token,
            out ErrorHandle error);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern int sm_client_new(
            byte[] client_id,
            byte[] client_secret,
            OptionsHandle options,
            out ClientHandle client,
            out ErrorHandle error);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern int sm_client_token_within(
            ClientHandle client, long wait_ms, out TokenHandle token, out ErrorHandle error);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern int sm_client_authorization_within(
            ClientHandle client,
            long wait_ms,
            [Out] byte[] buffer,
            UIntPtr capacity,
            out UIntPtr length,
            out ErrorHandle error);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern void sm_client_invalidate(ClientHandle client, IntPtr token);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern void sm_client_invalidate_authorization(ClientHandle client, byte[] authorization);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern int sm_client_set_credentials(
            ClientHandle client, byte[] client_id, byte[] client_secret, out ErrorHandle error);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern void sm_client_shutdown(ClientHandle client);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern void sm_client_free(IntPtr client);

        [DllImport(Library, CallingConvention = CallingConvention.Winapi)]
        internal static extern int sm_check(
            byte[] client_id,
            byte[] client_secret,
            OptionsHandle options,
            sm_check_fn step,
            IntPtr user_data,
            out ErrorHandle error);
    }
}
