using System;
using System.Runtime.InteropServices;

namespace SmToken
{
    /// <summary>How important a log message is; as a setting, the least important that is wanted.</summary>
    public enum SmLogLevel
    {
        Off = NativeMethods.SM_LOG_OFF,

        /// <summary>A call failed.</summary>
        Error = NativeMethods.SM_LOG_ERROR,

        /// <summary>Something failed that the library makes up for.</summary>
        Warn = NativeMethods.SM_LOG_WARN,

        /// <summary>A token was fetched, refreshed, refused or invalidated.</summary>
        Info = NativeMethods.SM_LOG_INFO,

        /// <summary>Each attempt.</summary>
        Debug = NativeMethods.SM_LOG_DEBUG,
    }

    internal static class Log
    {
        // One for all, and never collected: the native side finds the handler by its user data.
        internal static readonly NativeMethods.sm_log_fn Callback = Write;

        private static void Write(IntPtr handler, int level, IntPtr message)
        {
            try
            {
                var log = (Action<SmLogLevel, string>)GCHandle.FromIntPtr(handler).Target;
                log((SmLogLevel)level, Utf8.FromNative(message));
            }
            catch (Exception)
            {
                // An exception can't cross native code, and a failed log is no reason to have no token.
            }
        }
    }
}
