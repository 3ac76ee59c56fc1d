using System;
using System.Reflection;
using System.Runtime.InteropServices;

namespace SmToken
{
    /// <summary>
    /// What the native library is called on each platform: the name with the version of its binary interface, without
    /// which only a package for developers installs one.
    /// </summary>
    internal static class NativeLibraryName
    {
        /// <summary>
        /// What the declarations say: sm_token.dll on Windows. Elsewhere SmToken.dll.config has the name for Mono,
        /// and <see cref="Resolve"/> for .NET.
        /// </summary>
        internal const string Declared = "sm_token";

        internal const string OnLinux = "libsm_token.so.0";
        internal const string OnMacOs = "libsm_token.0.dylib";

        /// <summary>Tells .NET, from 3.0 on, where to look: beside SmToken.dll, then as the system's loader does.</summary>
        internal static void Resolve()
        {
            // .NET Standard 2.0 does not declare it, and Mono does not have it.
            Type native = Type.GetType("System.Runtime.InteropServices.NativeLibrary, System.Runtime.InteropServices");
            Type resolver = Type.GetType("System.Runtime.InteropServices.DllImportResolver, System.Runtime.InteropServices");
            if (native == null || resolver == null) return;

            MethodInfo load = native.GetMethod(
                "TryLoad",
                new[] { typeof(string), typeof(Assembly), typeof(DllImportSearchPath?), typeof(IntPtr).MakeByRefType() });
            Func<string, Assembly, DllImportSearchPath?, IntPtr> resolve = (name, assembly, searched) =>
            {
                // 0 has the runtime look for the name as it is.
                var arguments = new object[] { OfThisPlatform(), assembly, searched, IntPtr.Zero };
                return name == Declared && (bool)load.Invoke(null, arguments) ? (IntPtr)arguments[3] : IntPtr.Zero;
            };
            Delegate given = Delegate.CreateDelegate(resolver, resolve.Target, resolve.Method);
            native.GetMethod("SetDllImportResolver").Invoke(null, new object[] { typeof(NativeLibraryName).Assembly, given });
        }

        private static string OfThisPlatform()
        {
            if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows)) return Declared + ".dll";
            return RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? OnMacOs : OnLinux;
        }
    }
}
