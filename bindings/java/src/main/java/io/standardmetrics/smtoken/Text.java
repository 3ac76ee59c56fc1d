package io.standardmetrics.smtoken;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Text on its way to the library: UTF-8 with a NUL at its end, whatever the locale is. Closing wipes
 * it and frees its memory.
 */
final class Text implements AutoCloseable {
    /** NULL where the text is null. */
    final Memory pointer;

    /** Encodes; an exception names the parameter, and shows nothing of the text. */
    Text(String text, String parameter) {
        pointer = text == null ? null : encoded(text, parameter);
    }

    static String from(Pointer text) {
        return text.getString(0, "UTF-8");
    }

    @Override
    public void close() {
        if (pointer != null) {
            pointer.clear();
            pointer.close();
        }
    }

    private static Memory encoded(String text, String parameter) {
        // The library would take what stands before the NUL for the whole.
        if (text.indexOf('\0') >= 0) {
            throw refused(parameter + " holds a NUL character");
        }
        ByteBuffer utf8;
        try {
            utf8 = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
        } catch (CharacterCodingException halfOfAPair) {
            throw refused(parameter + " is not valid Unicode: it holds half of a surrogate pair");
        }
        Memory memory = new Memory(utf8.limit() + 1L);
        memory.write(0, utf8.array(), 0, utf8.limit());
        memory.setByte(utf8.limit(), (byte) 0);
        Arrays.fill(utf8.array(), (byte) 0);
        return memory;
    }

    private static SmTokenException refused(String message) {
        return new SmTokenException(CApi.SM_ERROR_INVALID_ARGUMENT, message);
    }
}
