using System;
using System.Runtime.InteropServices;
using System.Text;

namespace SmToken
{
    /// <summary>Carries text over the boundary, as UTF-8 with a NUL at its end, whatever the locale is.</summary>
    internal static class Utf8
    {
        private static readonly UTF8Encoding Strict = new UTF8Encoding(false, true);

        /// <summary>Encodes; null stays null. The caller wipes what holds a secret.</summary>
        internal static byte[] ToNative(string text, string parameter)
        {
            if (text == null) return null;
            // The library would take what stands before the NUL for the whole.
            if (text.IndexOf('\0') >= 0) throw Refused(parameter, "holds a NUL character");

            byte[] bytes;
            try
            {
                bytes = new byte[Strict.GetByteCount(text) + 1];
                Strict.GetBytes(text, 0, text.Length, bytes, 0);
            }
            catch (EncoderFallbackException)
            {
                // Its own message shows a piece of the text, which may be a secret.
                throw Refused(parameter, "is not valid Unicode: it holds half of a surrogate pair");
            }
            return bytes;
        }

        internal static string FromNative(IntPtr text)
        {
            int length = 0;
            while (Marshal.ReadByte(text, length) != 0) length++;
            byte[] bytes = new byte[length];
            Marshal.Copy(text, bytes, 0, length);
            string decoded = FromBytes(bytes, length);
            Wipe(bytes);
            return decoded;
        }

        internal static string FromBytes(byte[] bytes, int length)
        {
            return Strict.GetString(bytes, 0, length);
        }

        internal static void Wipe(byte[] bytes)
        {
            if (bytes != null) Array.Clear(bytes, 0, bytes.Length);
        }

        private static SmTokenException Refused(string parameter, string why)
        {
            return new SmTokenException(SmStatus.InvalidArgument, parameter + " " + why);
        }
    }
}
