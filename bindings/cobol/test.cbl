      *> Tests SMTOKEN and SMCALLS against the real server, with ten
      *> token requests, which `check` counts, and against one that
      *> misbehaves.
       IDENTIFICATION DIVISION.
       PROGRAM-ID. TESTS.
       DATA DIVISION.
       WORKING-STORAGE SECTION.
       COPY SMTOKEN.
       01  FAILURES               PIC 9(4) VALUE 0.
       01  FIRST-SEEN             PIC X(SM-OUT-SIZE).
       01  FOUND                  PIC 9(4).
       01  SHOWN-STATUS           PIC Z9.
       01  TEST-NAME              PIC X(72).
       01  SCRIPT                 PIC X(32).
       01  TEXT-OF-URL            PIC X(256) VALUE SPACES.

       PROCEDURE DIVISION.
       MAIN SECTION.
           PERFORM ONE-CALL
           PERFORM REFUSED-SECRET
           PERFORM BAD-ARGUMENT
           PERFORM HALF-OF-THE-CREDENTIALS
           PERFORM ODD-CREDENTIALS
           PERFORM CACHED-CLIENT
           PERFORM INVALIDATED-TOKEN
           PERFORM FREED-CLIENT
           PERFORM CLIENT-WITH-ODD-CREDENTIALS
           PERFORM REFUSED-CLIENT
           PERFORM CLIENT-WITH-BAD-ARGUMENTS
           PERFORM CLIENT-WITH-FIELDS-OF-LOW-VALUES
           PERFORM TIMEOUT-BELOW-ZERO
           PERFORM SERVER-THAT-IS-AWAY
           PERFORM BOUNDED-WAIT
           PERFORM CREDENTIALS-THAT-CHANGE
           PERFORM RETURN-CODE-IS-KEPT
           IF FAILURES > 0
               MOVE 1 TO RETURN-CODE
           END-IF
           GOBACK.

      *> contract: token expiry environment
       ONE-CALL SECTION.
           PERFORM TAKE-DEFAULTS
           PERFORM SM-TOKEN-FETCH

           MOVE "one call brings an authorization" TO TEST-NAME
           IF SM-STATUS = SM-OK AND SM-OUT(1:7) = "Bearer "
                   AND SM-OUT-LENGTH > 20
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF

           MOVE "its length counts no padding" TO TEST-NAME
           IF SM-OUT(SM-OUT-LENGTH:1) NOT = SPACE
                   AND SM-OUT(SM-OUT-LENGTH + 1:) = SPACES
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF

           MOVE "its expiry is a time of this century" TO TEST-NAME
           IF SM-EXPIRES-AT > 1700000000 AND SM-EXPIRES-AT < 4102444800
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF.

      *> contract: refused no-secret
       REFUSED-SECRET SECTION.
           PERFORM TAKE-DEFAULTS
           ACCEPT SM-CLIENT-ID FROM ENVIRONMENT "SMX_CLIENT_ID"
           MOVE "this-secret-is-refused" TO SM-CLIENT-SECRET
           PERFORM SM-TOKEN-FETCH

           MOVE "a refused secret has its own status" TO TEST-NAME
           IF SM-STATUS = SM-ERROR-INVALID-CLIENT
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF

           MOVE "a refusal says what to do" TO TEST-NAME
           PERFORM LOOK-FOR-ADVICE
           IF FOUND = 1 AND SM-OUT = SPACES AND SM-EXPIRES-AT = 0
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF

           MOVE "a refusal does not show the secret" TO TEST-NAME
           MOVE 0 TO FOUND
           INSPECT SM-ERROR-TEXT TALLYING FOUND
               FOR ALL "this-secret-is-refused"
           IF FOUND = 0
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF.

      *> contract: option-reason
       BAD-ARGUMENT SECTION.
           PERFORM TAKE-DEFAULTS
           MOVE "ftp://example.com" TO SM-BASE-URL
           PERFORM SM-TOKEN-FETCH

           MOVE "a bad argument is named" TO TEST-NAME
           IF SM-STATUS = SM-ERROR-INVALID-ARGUMENT
                   AND SM-ERROR-TEXT(1:8) = "base_url"
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF.

      *> contract: half-credentials
       HALF-OF-THE-CREDENTIALS SECTION.
           PERFORM TAKE-DEFAULTS
           MOVE "an id alone" TO SM-CLIENT-ID
           PERFORM SM-TOKEN-FETCH

           MOVE "half of the credentials is a bad argument" TO TEST-NAME
           IF SM-STATUS = SM-ERROR-INVALID-ARGUMENT
                   AND SM-ERROR-TEXT(1:13) = "client_secret"
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF.

      *> contract: odd-text
       ODD-CREDENTIALS SECTION.
           PERFORM TAKE-ODD-CREDENTIALS
           MOVE SM-FIELD-SCOPE TO SM-FIELD
           PERFORM SM-TOKEN-FETCH

           MOVE "reserved and accented characters pass" TO TEST-NAME
           IF SM-STATUS = SM-OK AND SM-OUT = "all read write"
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF.

      *> contract: cached
       CACHED-CLIENT SECTION.
           PERFORM TAKE-DEFAULTS
           PERFORM SM-CLIENT-NEW
           PERFORM SM-CLIENT-AUTHORIZATION
           MOVE SM-OUT TO FIRST-SEEN
           PERFORM SM-CLIENT-AUTHORIZATION

           MOVE "a client gives the same token twice" TO TEST-NAME
           IF SM-STATUS = SM-OK AND SM-OUT(1:7) = "Bearer "
                   AND SM-OUT = FIRST-SEEN
                   AND SM-OUT(SM-OUT-LENGTH + 1:) = SPACES
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF

           PERFORM SM-CLIENT-TOKEN
           MOVE "a client tells all about its token" TO TEST-NAME
           IF SM-STATUS = SM-OK AND SM-TYPE = "Bearer"
                   AND SM-SCOPE = "all read write"
                   AND SM-OUT = FIRST-SEEN(8:)
                   AND SM-EXPIRES-IN > 3500 AND SM-EXPIRES-IN <= 3600
                   AND SM-EXPIRES-AT > 1700000000
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF.

      *> contract: invalidate
       INVALIDATED-TOKEN SECTION.
           PERFORM SM-CLIENT-AUTHORIZATION
           PERFORM SM-CLIENT-INVALIDATE
           PERFORM SM-CLIENT-AUTHORIZATION

           MOVE "an invalidated token is replaced" TO TEST-NAME
           IF SM-STATUS = SM-OK AND SM-OUT(1:7) = "Bearer "
                   AND SM-OUT NOT = FIRST-SEEN
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF.

      *> contract: shutdown
       FREED-CLIENT SECTION.
           PERFORM SM-CLIENT-FREE
           PERFORM SM-CLIENT-AUTHORIZATION

           MOVE "a freed client is a bad argument" TO TEST-NAME
           IF SM-STATUS = SM-ERROR-INVALID-ARGUMENT
                   AND SM-ERROR-TEXT = "client is NULL"
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF.

       CLIENT-WITH-ODD-CREDENTIALS SECTION.
           PERFORM TAKE-ODD-CREDENTIALS
           PERFORM SM-CLIENT-NEW
           PERFORM SM-WIPE
           PERFORM SM-CLIENT-TOKEN

           MOVE "a client keeps its credentials" TO TEST-NAME
           IF SM-STATUS = SM-OK AND SM-OUT-LENGTH > 20
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF.

      *> contract: remembered
       REFUSED-CLIENT SECTION.
           PERFORM TAKE-DEFAULTS
           ACCEPT SM-CLIENT-ID FROM ENVIRONMENT "SMX_CLIENT_ID"
           MOVE "this-secret-is-refused" TO SM-CLIENT-SECRET
           PERFORM SM-CLIENT-NEW
           PERFORM SM-CLIENT-AUTHORIZATION
           PERFORM SM-CLIENT-AUTHORIZATION

           MOVE "a client remembers its refusal" TO TEST-NAME
           PERFORM LOOK-FOR-ADVICE
           IF SM-STATUS = SM-ERROR-INVALID-CLIENT AND FOUND = 1
                   AND SM-RETRYABLE = 0
                   AND SM-RETRY-AFTER-MS > 50000
                   AND SM-RETRY-AFTER-MS <= 60000
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF.

      *> contract: insecure-url trust-roots
       CLIENT-WITH-BAD-ARGUMENTS SECTION.
           PERFORM TAKE-DEFAULTS
           MOVE "http://example.com" TO SM-BASE-URL
           PERFORM SM-CLIENT-NEW

           MOVE "a client's URL must be secure" TO TEST-NAME
           IF SM-STATUS = SM-ERROR-INSECURE-URL AND SM-CLIENT = NULL
                   AND SM-ERROR-TEXT(1:13) = "base_url woul"
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF

           PERFORM TAKE-DEFAULTS
           MOVE "/nowhere/at/all.pem" TO SM-CA-FILE
           PERFORM SM-CLIENT-NEW

           MOVE "a client's CA file must be there" TO TEST-NAME
           IF SM-STATUS = SM-ERROR-NO-TRUST-ROOTS AND SM-CLIENT = NULL
                   AND SM-ERROR-TEXT NOT = SPACES
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF.

       CLIENT-WITH-FIELDS-OF-LOW-VALUES SECTION.
           MOVE "LOW-VALUES mean the default, as spaces do" TO TEST-NAME
           PERFORM TAKE-DEFAULTS
           MOVE LOW-VALUES TO SM-CLIENT-ID SM-CLIENT-SECRET SM-BASE-URL
           PERFORM SM-CLIENT-NEW
           IF SM-STATUS = SM-OK
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF.

      *> contract: number-range
       TIMEOUT-BELOW-ZERO SECTION.
           MOVE "a timeout below zero is refused" TO TEST-NAME
           PERFORM TAKE-DEFAULTS
           MOVE -5 TO SM-TIMEOUT-MS
           PERFORM SM-CLIENT-NEW
           IF SM-STATUS = SM-ERROR-INVALID-ARGUMENT
                   AND SM-ERROR-TEXT(1:7) = "timeout"
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF

           MOVE "a wait below -1 is refused" TO TEST-NAME
           PERFORM TAKE-DEFAULTS
           PERFORM SM-CLIENT-NEW
           MOVE -2 TO SM-WAIT-MS
           PERFORM SM-CLIENT-AUTHORIZATION
           MOVE -1 TO SM-WAIT-MS
           IF SM-STATUS = SM-ERROR-INVALID-ARGUMENT
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF.

      *> Port 1 refuses. One call says the same of it as a client.
       SERVER-THAT-IS-AWAY SECTION.
           PERFORM TAKE-DEFAULTS
           MOVE "http://127.0.0.1:1" TO SM-BASE-URL
           PERFORM SM-CLIENT-NEW
           PERFORM SM-CLIENT-AUTHORIZATION
           MOVE "a client calls a refused connection retryable"
               TO TEST-NAME
           IF SM-STATUS = SM-ERROR-CONNECT AND SM-RETRYABLE = 1
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF

           MOVE "one call says so too" TO TEST-NAME
           PERFORM SM-TOKEN-FETCH
           IF SM-STATUS = SM-ERROR-CONNECT AND SM-RETRYABLE = 1
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF.

      *> contract: wait-bounded
       BOUNDED-WAIT SECTION.
      *>   The server answers after 0.3 s.
           MOVE "/slow-token" TO SCRIPT
           PERFORM CLIENT-OF-THE-SCRIPT
           MOVE 0 TO SM-WAIT-MS
           PERFORM SM-CLIENT-AUTHORIZATION
           MOVE -1 TO SM-WAIT-MS
           PERFORM SM-CLIENT-AUTHORIZATION
           MOVE "the request goes on for the next call" TO TEST-NAME
           IF SM-STATUS = SM-OK AND SM-OUT(1:7) = "Bearer "
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF

      *>   The server accepts the request, and never answers it.
           MOVE "/hang-before-headers" TO SCRIPT
           PERFORM CLIENT-OF-THE-SCRIPT

           MOVE 0 TO SM-WAIT-MS
           PERFORM SM-CLIENT-AUTHORIZATION
           MOVE "a wait of 0 starts a request and returns" TO TEST-NAME
           PERFORM EXPECT-TIMEOUT-OF-THE-WAIT

           MOVE 200 TO SM-WAIT-MS
           PERFORM SM-CLIENT-TOKEN
           MOVE "a wait for a token is bounded" TO TEST-NAME
           PERFORM EXPECT-TIMEOUT-OF-THE-WAIT

           MOVE -1 TO SM-WAIT-MS
           MOVE 300 TO SM-TIMEOUT-MS
           PERFORM SM-CLIENT-NEW
           PERFORM SM-CLIENT-AUTHORIZATION
           MOVE "else the client's timeout bounds it" TO TEST-NAME
           IF SM-STATUS = SM-ERROR-TIMEOUT AND SM-RETRYABLE = 1
                   AND SM-ERROR-TEXT(1:21) = "timed out after 0.3 s"
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF
           PERFORM SM-CLIENT-FREE.

      *> The files count before the environment, whose secret is right.
       CREDENTIALS-THAT-CHANGE SECTION.
           PERFORM TAKE-DEFAULTS
           ACCEPT TEXT-OF-URL FROM ENVIRONMENT "SM_TOKEN_FILES"
           STRING FUNCTION TRIM(TEXT-OF-URL) "/client_id"
               DELIMITED BY SIZE INTO SM-CLIENT-ID-FILE
           PERFORM SM-CLIENT-NEW
           MOVE "one file without the other is refused" TO TEST-NAME
           IF SM-STATUS = SM-ERROR-INVALID-ARGUMENT
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF

           STRING FUNCTION TRIM(TEXT-OF-URL) "/refused_secret"
               DELIMITED BY SIZE INTO SM-CLIENT-SECRET-FILE
           PERFORM SM-CLIENT-NEW
           PERFORM SM-CLIENT-AUTHORIZATION
           MOVE "credentials come from files" TO TEST-NAME
           IF SM-STATUS = SM-ERROR-INVALID-CLIENT
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF

           ACCEPT SM-CLIENT-ID FROM ENVIRONMENT "SMX_CLIENT_ID"
           PERFORM SM-CLIENT-SET-CREDENTIALS
           MOVE "half of the credentials is not set" TO TEST-NAME
           IF SM-STATUS = SM-ERROR-INVALID-ARGUMENT
                   AND SM-ERROR-TEXT(1:13) = "client_secret"
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF

           ACCEPT SM-CLIENT-SECRET FROM ENVIRONMENT
               "SMX_CLIENT_SECRET"
           PERFORM SM-CLIENT-SET-CREDENTIALS
           PERFORM SM-CLIENT-AUTHORIZATION
           MOVE "other credentials are used at once" TO TEST-NAME
           IF SM-STATUS = SM-OK AND SM-OUT(1:7) = "Bearer "
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF
           PERFORM SM-CLIENT-FREE.

       CLIENT-OF-THE-SCRIPT SECTION.
           PERFORM TAKE-DEFAULTS
           ACCEPT SM-BASE-URL FROM ENVIRONMENT
               "SM_TOKEN_MISBEHAVING_URL"
           MOVE SPACES TO TEXT-OF-URL
           STRING FUNCTION TRIM(SM-BASE-URL) FUNCTION TRIM(SCRIPT)
               DELIMITED BY SIZE INTO TEXT-OF-URL
           MOVE TEXT-OF-URL TO SM-BASE-URL
           PERFORM SM-CLIENT-NEW.

      *> The text is that of the wait, not that of the timeout.
       EXPECT-TIMEOUT-OF-THE-WAIT SECTION.
           IF SM-STATUS = SM-ERROR-TIMEOUT AND SM-RETRYABLE = 1
                   AND SM-RETRY-AFTER-MS = -1 AND SM-OUT = SPACES
                   AND SM-ERROR-TEXT(1:29)
                       = "no token came within the wait"
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF.

       RETURN-CODE-IS-KEPT SECTION.
           MOVE 3 TO RETURN-CODE
           PERFORM TAKE-DEFAULTS
           PERFORM SM-CLIENT-NEW
           PERFORM SM-CLIENT-TOKEN
           PERFORM SM-CLIENT-FREE

           MOVE "no call touches RETURN-CODE" TO TEST-NAME
           IF RETURN-CODE = 3 AND SM-STATUS = SM-OK
               PERFORM PASSED
           ELSE
               PERFORM FAILED
           END-IF
           MOVE 0 TO RETURN-CODE.

      *> Credentials and service from the environment, and the CA file.
       TAKE-DEFAULTS SECTION.
           INITIALIZE SM-INPUT
           MOVE SM-FIELD-AUTHORIZATION TO SM-FIELD
           ACCEPT SM-CA-FILE FROM ENVIRONMENT "SM_TOKEN_CA_FILE".

       TAKE-ODD-CREDENTIALS SECTION.
           PERFORM TAKE-DEFAULTS
           ACCEPT SM-CLIENT-ID FROM ENVIRONMENT
               "SM_TOKEN_ODD_CLIENT_ID"
           ACCEPT SM-CLIENT-SECRET FROM ENVIRONMENT
               "SM_TOKEN_ODD_CLIENT_SECRET".

       LOOK-FOR-ADVICE SECTION.
           MOVE 0 TO FOUND
           INSPECT SM-ERROR-TEXT TALLYING FOUND
               FOR ALL "check client_id and client_secret".

       PASSED SECTION.
           DISPLAY "ok " FUNCTION TRIM(TEST-NAME).

       FAILED SECTION.
           MOVE SM-STATUS TO SHOWN-STATUS
           DISPLAY "FAILED " FUNCTION TRIM(TEST-NAME) ": status "
               FUNCTION TRIM(SHOWN-STATUS) " "
               FUNCTION TRIM(SM-ERROR-TEXT)
           ADD 1 TO FAILURES.

       COPY SMCALLS.
