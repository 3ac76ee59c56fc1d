using System;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;

/// <summary>Runs every public method of the test classes; a test fails by an exception.</summary>
internal static class Suite
{
    /// <param name="without">The names of test classes to leave out.</param>
    private static void Main(string[] without)
    {
        Type[] all = { typeof(FetchTests), typeof(ClientTests), typeof(CredentialsTests), typeof(CheckTests), typeof(ApiTests), typeof(HandlerTests), typeof(WaitTests) };
        int status = Run(all.Where(tests => !without.Contains(tests.Name)).ToArray());
        Console.Out.Flush();
        if (IsOnWindows) Environment.Exit(status);
        // Mono 6.8 can abort in its own shutdown while its network threads are still at work.
        _exit(status);
    }

    internal static bool IsOnWindows
    {
        get { return Environment.OSVersion.Platform == PlatformID.Win32NT; }
    }

    [DllImport("libc")]
    private static extern void _exit(int status);

    private static int Run(params Type[] classes)
    {
        int passed = 0, failed = 0;
        foreach (MethodInfo test in classes.SelectMany(TestsOf))
        {
            object instance = Activator.CreateInstance(test.DeclaringType);
            try
            {
                test.Invoke(instance, null);
                Console.WriteLine("ok " + test.Name);
                passed++;
            }
            catch (TargetInvocationException wrapped)
            {
                Exception cause = wrapped.GetBaseException();
                Console.WriteLine("FAILED {0}: {1}: {2}", test.Name, cause.GetType().Name, cause.Message);
                failed++;
            }
            finally
            {
                (instance as IDisposable)?.Dispose();
            }
        }
        Console.WriteLine("{0} passed, {1} failed", passed, failed);
        return failed == 0 && passed > 0 ? 0 : 1;
    }

    private static MethodInfo[] TestsOf(Type type)
    {
        return type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly);
    }
}

internal static class Expect
{
    internal static void Equal<T>(T expected, T found)
    {
        if (!Equals(expected, found)) throw new Exception("expected " + expected + ", found " + found);
    }

    /// <summary>For what must not be shown where the test fails.</summary>
    internal static void That(bool holds, string what)
    {
        if (!holds) throw new Exception("does not hold: " + what);
    }

    internal static void Contains(string part, string text)
    {
        That(text.Contains(part), "\"" + text + "\" contains \"" + part + "\"");
    }

    internal static T Throws<T>(Action action) where T : Exception
    {
        try
        {
            action();
        }
        catch (T thrown)
        {
            return thrown;
        }
        throw new Exception("no " + typeof(T).Name);
    }
}
