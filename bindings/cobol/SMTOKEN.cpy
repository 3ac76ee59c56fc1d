      *> SMTOKEN: what sm_token takes and gives, for WORKING-STORAGE.
      *>
      *>     WORKING-STORAGE SECTION.
      *>     COPY SMTOKEN.
      *>
      *> SMCALLS, for the end of the PROCEDURE DIVISION, has the calls.

      *> What a call came to, in SM-STATUS. The values never change.
       78  SM-OK                         VALUE 0.
      *> Yours to mend:
       78  SM-ERROR-INVALID-ARGUMENT     VALUE 10.
       78  SM-ERROR-NO-CREDENTIALS       VALUE 11.
       78  SM-ERROR-BUFFER-TOO-SMALL     VALUE 12.
       78  SM-ERROR-INSECURE-URL         VALUE 13.
      *> The network:
       78  SM-ERROR-DNS                  VALUE 20.
       78  SM-ERROR-CONNECT              VALUE 21.
       78  SM-ERROR-TIMEOUT              VALUE 22.
       78  SM-ERROR-PROXY                VALUE 23.
       78  SM-ERROR-IO                   VALUE 24.
       78  SM-ERROR-CANCELED             VALUE 25.
       78  SM-ERROR-RESOURCES            VALUE 26.
      *> TLS:
       78  SM-ERROR-TLS                  VALUE 30.
       78  SM-ERROR-CERTIFICATE          VALUE 31.
       78  SM-ERROR-NO-TRUST-ROOTS       VALUE 32.
      *> The server refused:
       78  SM-ERROR-INVALID-CLIENT       VALUE 40.
       78  SM-ERROR-INVALID-SCOPE        VALUE 41.
       78  SM-ERROR-OAUTH                VALUE 42.
       78  SM-ERROR-RATE-LIMITED         VALUE 43.
       78  SM-ERROR-SERVER               VALUE 44.
       78  SM-ERROR-HTTP                 VALUE 45.
      *> Its answer is no token:
       78  SM-ERROR-INVALID-RESPONSE     VALUE 50.
       78  SM-ERROR-RESPONSE-TOO-LARGE   VALUE 51.
      *> A defect of the library:
       78  SM-ERROR-INTERNAL             VALUE 90.

      *> The field of the token that SM-FETCH brings.
       78  SM-FIELD-ACCESS-TOKEN         VALUE 0.
       78  SM-FIELD-AUTHORIZATION        VALUE 1.
       78  SM-FIELD-TYPE                 VALUE 2.
       78  SM-FIELD-SCOPE                VALUE 3.

      *> Sizes in bytes. Any authorization fits; C ends it with a NUL.
       78  SM-INPUT-SIZE                 VALUE 1024.
       78  SM-C-TEXT-SIZE                VALUE 1025.
       78  SM-OUT-SIZE                   VALUE 16392.
       78  SM-TYPE-SIZE                  VALUE 32.
       78  SM-SCOPE-SIZE                 VALUE 2048.
       78  SM-ERROR-TEXT-SIZE            VALUE 2048.

      *> In. How long a call of a client waits at most, in milliseconds:
      *> 0 never waits, but starts a request where one is needed; -1
      *> and what is above the timeout mean the timeout. No part of
      *> SM-INPUT, so that INITIALIZE SM-INPUT leaves it as it is.
       01  SM-WAIT-MS             BINARY-DOUBLE VALUE -1.

      *> In. Spaces mean the default: the credentials of SMX_CLIENT_ID
      *> and SMX_CLIENT_SECRET, the service of SMX_BASE_URL or the
      *> vendor's own, the trust store of the system. SM-TIMEOUT-MS is
      *> that of a client: of a whole call, retries included; 0 means
      *> the default of 30000. So are the files, both or neither, that
      *> hold the credentials; SM-TOKEN-FETCH finds their names in
      *> SMX_CLIENT_ID_FILE and SMX_CLIENT_SECRET_FILE.
       01  SM-INPUT.
           05  SM-CLIENT-ID       PIC X(SM-INPUT-SIZE) VALUE SPACES.
           05  SM-CLIENT-SECRET   PIC X(SM-INPUT-SIZE) VALUE SPACES.
           05  SM-CLIENT-ID-FILE  PIC X(SM-INPUT-SIZE) VALUE SPACES.
           05  SM-CLIENT-SECRET-FILE
                                  PIC X(SM-INPUT-SIZE) VALUE SPACES.
           05  SM-BASE-URL        PIC X(SM-INPUT-SIZE) VALUE SPACES.
           05  SM-CA-FILE         PIC X(SM-INPUT-SIZE) VALUE SPACES.
           05  SM-TIMEOUT-MS      BINARY-LONG VALUE 0.
           05  SM-FIELD           BINARY-LONG
                                  VALUE SM-FIELD-AUTHORIZATION.

      *> Out. SM-OUT-LENGTH counts SM-OUT without the spaces behind it.
      *> SM-EXPIRES-AT is in seconds of Unix time, SM-EXPIRES-IN in
      *> seconds from now. SM-RETRYABLE is 1 where the same call may
      *> succeed later, else 0; SM-RETRY-AFTER-MS is -1 where unknown.
      *> A scope or an error's text is cut where it does not fit.
       01  SM-OUTPUT.
           05  SM-STATUS          BINARY-LONG VALUE SM-OK.
           05  SM-OUT             PIC X(SM-OUT-SIZE) VALUE SPACES.
           05  SM-OUT-LENGTH      BINARY-LONG VALUE 0.
           05  SM-TYPE            PIC X(SM-TYPE-SIZE) VALUE SPACES.
           05  SM-SCOPE           PIC X(SM-SCOPE-SIZE) VALUE SPACES.
           05  SM-EXPIRES-AT      BINARY-DOUBLE VALUE 0.
           05  SM-EXPIRES-IN      BINARY-DOUBLE VALUE 0.
           05  SM-ERROR-TEXT      PIC X(SM-ERROR-TEXT-SIZE)
                                  VALUE SPACES.
           05  SM-RETRYABLE       BINARY-LONG VALUE 0.
           05  SM-RETRY-AFTER-MS  BINARY-DOUBLE VALUE -1.

      *> SMCALLS's own: handles, and text as C wants it.
       01  SM-HANDLES.
           05  SM-CLIENT          POINTER VALUE NULL.
           05  SM-OPTIONS         POINTER VALUE NULL.
           05  SM-TOKEN           POINTER VALUE NULL.
           05  SM-ERROR           POINTER VALUE NULL.
           05  SM-C-ID-AT         POINTER VALUE NULL.
           05  SM-C-SECRET-AT     POINTER VALUE NULL.
           05  SM-C-RESULT-AT     POINTER VALUE NULL.
           05  SM-C-NUMBER        BINARY-LONG VALUE 0.
           05  SM-CAPACITY        BINARY-DOUBLE UNSIGNED VALUE 0.
           05  SM-LENGTH          BINARY-DOUBLE UNSIGNED VALUE 0.
           05  SM-WIDE-AT         POINTER VALUE NULL.
           05  SM-WIDE REDEFINES SM-WIDE-AT BINARY-DOUBLE.
       01  SM-C-TEXT              PIC X(SM-C-TEXT-SIZE).
       01  SM-C-SECRET            PIC X(SM-C-TEXT-SIZE).
       01  SM-C-RESULT            PIC X(SM-ERROR-TEXT-SIZE) BASED.
