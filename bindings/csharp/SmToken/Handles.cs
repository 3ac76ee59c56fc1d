using System;
using System.Runtime.InteropServices;

namespace SmToken
{
    /// <summary>
    /// A handle of the C library. The runtime counts the calls that use it, so that it is freed once, after
    /// the last of them, also where nobody disposed of it.
    /// </summary>
    internal abstract class Handle : SafeHandle
    {
        protected Handle() : base(IntPtr.Zero, true) { }

        public override bool IsInvalid
        {
            get { return handle == IntPtr.Zero; }
        }

        /// <summary>
        /// Makes a call with the pointer, while which nobody can free it. For a call that takes two handles: where the
        /// second was disposed of, Mono's marshalling never gives back the first.
        /// </summary>
        internal void Use(Action<IntPtr> call)
        {
            bool held = false;
            try
            {
                DangerousAddRef(ref held);
                call(handle);
            }
            finally
            {
                if (held) DangerousRelease();
            }
        }

        /// <summary>Reads text that lives as long as this handle, which nobody can free meanwhile.</summary>
        internal string Text<T>(Func<T, IntPtr> accessor) where T : Handle
        {
            bool held = false;
            try
            {
                DangerousAddRef(ref held);
                return Utf8.FromNative(accessor((T)this));
            }
            finally
            {
                if (held) DangerousRelease();
            }
        }
    }

    internal sealed class ErrorHandle : Handle
    {
        protected override bool ReleaseHandle()
        {
            NativeMethods.sm_error_free(handle);
            return true;
        }
    }

    internal sealed class TokenHandle : Handle
    {
        protected override bool ReleaseHandle()
        {
            NativeMethods.sm_token_free(handle);
            return true;
        }
    }

    internal sealed class OptionsHandle : Handle
    {
        protected override bool ReleaseHandle()
        {
            NativeMethods.sm_options_free(handle);
            return true;
        }
    }

    internal sealed class ClientHandle : Handle
    {
        /// <summary>What the library calls to log: it must stay until the client is freed.</summary>
        internal GCHandle Log { private get; set; }

        protected override bool ReleaseHandle()
        {
            NativeMethods.sm_client_free(handle);
            if (Log.IsAllocated) Log.Free();
            return true;
        }
    }
}
