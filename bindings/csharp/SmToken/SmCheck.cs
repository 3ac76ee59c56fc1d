using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;

namespace SmToken
{
    /// <summary>What became of a step of a check.</summary>
    public enum SmVerdict
    {
        /// <summary>Nothing is wrong with it.</summary>
        Ok = NativeMethods.SM_CHECK_OK,

        /// <summary>It keeps a token from coming.</summary>
        Wrong = NativeMethods.SM_CHECK_WRONG,

        /// <summary>It was not reached, does not apply, or can't be judged.</summary>
        Unknown = NativeMethods.SM_CHECK_UNKNOWN,
    }

    /// <summary>One step to a token. Its texts hold no secret.</summary>
    public sealed class SmCheckStep
    {
        internal SmCheckStep(string name, SmVerdict verdict, string text, string advice)
        {
            Name = name;
            Verdict = verdict;
            Text = text;
            Advice = advice;
        }

        /// <summary>"credentials", "base URL", "proxy", "name", "connection", "TLS", "certificate", "clock" or
        /// "answer".</summary>
        public string Name { get; private set; }

        /// <summary>What became of it.</summary>
        public SmVerdict Verdict { get; private set; }

        /// <summary>What is, in one line.</summary>
        public string Text { get; private set; }

        /// <summary>One thing to do; "" where there is nothing to do.</summary>
        public string Advice { get; private set; }
    }

    /// <summary>The steps to a token, one by one, so that an operator sees what is wrong.</summary>
    public sealed class SmCheck
    {
        private SmCheck(IReadOnlyList<SmCheckStep> steps, SmTokenException failure)
        {
            Steps = steps;
            Failure = failure;
        }

        /// <summary>All steps, in the order in which they are taken.</summary>
        public IReadOnlyList<SmCheckStep> Steps { get; private set; }

        /// <summary>Why the first step that is wrong is so; null where none is. For "clock", which no fetch fails for, its
        /// status is <see cref="SmStatus.Certificate"/>.</summary>
        public SmTokenException Failure { get; private set; }

        /// <summary>Takes the steps with the credentials of the options' files, else of SMX_CLIENT_ID and
        /// SMX_CLIENT_SECRET.</summary>
        /// <exception cref="SmTokenException">An option was refused.</exception>
        public static SmCheck Run(SmOptions options = null)
        {
            return Run(null, null, options);
        }

        /// <summary>
        /// Takes the steps, and waits for the last, at most for the timeout of the options. One request is sent, and the
        /// token that it may bring is dropped.
        /// </summary>
        /// <exception cref="SmTokenException">An option was refused, or text that the library can't take whole.</exception>
        public static SmCheck Run(string clientId, string clientSecret, SmOptions options = null)
        {
            byte[] id = null, secret = null;
            GCHandle log = default(GCHandle);
            var steps = new List<SmCheckStep>();
            try
            {
                id = Utf8.ToNative(clientId, "clientId");
                secret = Utf8.ToNative(clientSecret, "clientSecret");
                using (OptionsHandle native = (options ?? new SmOptions()).ToNative(out log))
                {
                    ErrorHandle error;
                    int status = NativeMethods.sm_check(id, secret, native, Taking(steps), IntPtr.Zero, out error);
                    SmTokenException failure = SmTokenException.Of(status, error);
                    // What ended the check, and is no step's.
                    if (failure != null && steps.All(step => step.Verdict != SmVerdict.Wrong)) throw failure;
                    return new SmCheck(steps.AsReadOnly(), failure);
                }
            }
            finally
            {
                Utf8.Wipe(id);
                Utf8.Wipe(secret);
                if (log.IsAllocated) log.Free();
            }
        }

        private static NativeMethods.sm_check_fn Taking(List<SmCheckStep> steps)
        {
            return (_, name, verdict, text, advice) =>
            {
                try
                {
                    steps.Add(new SmCheckStep(
                        Utf8.FromNative(name), (SmVerdict)verdict, Utf8.FromNative(text), Utf8.FromNative(advice)));
                    return 1;
                }
                catch (Exception)
                {
                    // An exception can't cross native code.
                    return 0;
                }
            };
        }
    }
}
