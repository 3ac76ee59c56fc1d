package io.standardmetrics.smtoken;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Platform;
import java.lang.reflect.Field;
import java.util.Map;
import org.junit.Test;

/** What stands between Java and the library: its name, its memory, and the null that it never gets. */
public final class NativeTest {
    @Test
    public void the_library_has_the_name_that_its_platform_gives_it() {
        assertEquals("sm_token.dll", CApi.libraryName(Platform.WINDOWS));
        assertEquals("libsm_token.0.dylib", CApi.libraryName(Platform.MAC));
        assertEquals("libsm_token.so.0", CApi.libraryName(Platform.LINUX));
    }

    @Test
    public void the_calling_convention_is_another_on_32_bit_windows_alone() {
        assertEquals(Function.ALT_CONVENTION, CApi.callingConvention(Platform.WINDOWS, false));
        assertEquals(Function.C_CONVENTION, CApi.callingConvention(Platform.WINDOWS, true));
        assertEquals(Function.C_CONVENTION, CApi.callingConvention(Platform.LINUX, false));
    }

    @Test
    public void an_authorization_leaves_no_native_memory_to_the_collector() throws Exception {
        try (Client client = new Client(Service.trusted())) {
            client.authorization();
            int before = pieces();
            for (int each = 0; each < 1_000; each++) {
                client.authorization();
            }
            int left = pieces() - before;
            assertTrue(left + " pieces of native memory are left", left < 10);
        }
    }

    @Test
    public void a_client_and_a_token_leave_no_native_memory_to_the_collector() throws Exception {
        int before = pieces();
        for (int each = 0; each < 20; each++) {
            try (Client client = new Client("id", "secret", Service.trusted())) {
                client.invalidateAuthorization("a token");
                assertThrows(SmTokenException.class, () -> Token.fetch("id\n", "secret", Service.trusted()));
            }
        }
        int left = pieces() - before;
        assertTrue(left + " pieces of native memory are left", left < 10);
    }

    @Test
    public void a_null_is_refused_by_the_parameters_name() {
        assertNamed("options", () -> Token.fetch(null));
        assertNamed("options", () -> Token.fetch("id", "secret", null));
        assertNamed("options", () -> Token.fetchAsync("id", "secret", null));
        assertNamed("options", () -> new Client(null).close());
        assertNamed("options", () -> new Client("id", "secret", null).close());
        assertNamed("leastImportant", () -> new Options().log(null, (level, line) -> {}));
    }

    private static void assertNamed(String parameter, Runnable call) {
        assertEquals(parameter, assertThrows(NullPointerException.class, call::run).getMessage());
    }

    /** Those that JNA would free when they are collected, or when the program ends. */
    private static int pieces() throws ReflectiveOperationException {
        Field allocated = Memory.class.getDeclaredField("allocatedMemory");
        allocated.setAccessible(true);
        return ((Map<?, ?>) allocated.get(null)).size();
    }
}
