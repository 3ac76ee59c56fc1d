      *> SMCALLS: the calls of sm_token, for the end of the PROCEDURE
      *> DIVISION. Each section takes and gives what SMTOKEN declares
      *> and ends with SM-STATUS, and SM-ERROR-TEXT where that is not
      *> SM-OK.
      *>
      *>     SM-TOKEN-FETCH            one request, one field: SM-OUT
      *>     SM-CLIENT-NEW             a client that keeps a token
      *>     SM-CLIENT-AUTHORIZATION   its "Bearer TOKEN": SM-OUT
      *>     SM-CLIENT-TOKEN           its token, and all about it
      *>     SM-CLIENT-INVALIDATE      after a 401 for SM-OUT
      *>     SM-CLIENT-SET-CREDENTIALS for its next request
      *>     SM-CLIENT-FREE            the last call on it
      *>     SM-WIPE                   forgets secret and token
      *>
      *> The calls are STATIC: a library that is missing shows when the
      *> program is linked, not in the middle of the night. RETURNING
      *> NOTHING keeps what a void function leaves behind out of
      *> RETURN-CODE. A number of 64 bits comes back through a POINTER,
      *> SM-WIDE-AT, since a CALL takes any other result for 32 bits.

      *> In: SM-INPUT. Out: SM-OUT, SM-OUT-LENGTH, SM-EXPIRES-AT.
       SM-TOKEN-FETCH SECTION.
           PERFORM SM-CLEAR
           CALL STATIC "sm_token_fetch_into" USING
               BY REFERENCE SM-CLIENT-ID
               BY VALUE     LENGTH OF SM-CLIENT-ID
               BY REFERENCE SM-CLIENT-SECRET
               BY VALUE     LENGTH OF SM-CLIENT-SECRET
               BY REFERENCE SM-BASE-URL
               BY VALUE     LENGTH OF SM-BASE-URL
               BY REFERENCE SM-CA-FILE
               BY VALUE     LENGTH OF SM-CA-FILE
               BY VALUE     SM-FIELD
               BY REFERENCE SM-OUT
               BY VALUE     LENGTH OF SM-OUT
               BY REFERENCE SM-OUT-LENGTH
               BY REFERENCE SM-EXPIRES-AT
               BY REFERENCE SM-ERROR-TEXT
               BY VALUE     LENGTH OF SM-ERROR-TEXT
               RETURNING    SM-STATUS
           CALL STATIC "sm_status_is_retryable" USING
               BY VALUE     SM-STATUS
               RETURNING    SM-RETRYABLE.

      *> In: SM-INPUT, which the client copies. A client that is there
      *> already is freed. It makes no request yet.
       SM-CLIENT-NEW SECTION.
           PERFORM SM-CLIENT-FREE
           PERFORM SM-CLEAR
           CALL STATIC "sm_options_new" RETURNING SM-OPTIONS
           PERFORM SM-SET-BASE-URL
           IF SM-STATUS = SM-OK
               PERFORM SM-SET-CA-FILE
           END-IF
           IF SM-STATUS = SM-OK
               PERFORM SM-SET-TIMEOUT
           END-IF
           IF SM-STATUS = SM-OK
               PERFORM SM-SET-CREDENTIAL-FILES
           END-IF
           IF SM-STATUS = SM-OK
               PERFORM SM-PLACE-CREDENTIALS
               CALL STATIC "sm_client_new" USING
                   BY VALUE     SM-C-ID-AT
                   BY VALUE     SM-C-SECRET-AT
                   BY VALUE     SM-OPTIONS
                   BY REFERENCE SM-CLIENT
                   BY REFERENCE SM-ERROR
                   RETURNING    SM-STATUS
               MOVE LOW-VALUES TO SM-C-SECRET
               PERFORM SM-TELL-ERROR
           END-IF
           CALL STATIC "sm_options_free" USING BY VALUE SM-OPTIONS
               RETURNING NOTHING
           SET SM-OPTIONS TO NULL.

      *> The hot path: most calls only copy. In: SM-WAIT-MS.
      *> Out: SM-OUT, SM-OUT-LENGTH.
       SM-CLIENT-AUTHORIZATION SECTION.
           PERFORM SM-CLEAR
           MOVE LENGTH OF SM-OUT TO SM-CAPACITY
           CALL STATIC "sm_client_authorization_within" USING
               BY VALUE     SM-CLIENT
               BY VALUE SIZE 8 SM-WAIT-MS
               BY REFERENCE SM-OUT
               BY VALUE SIZE 8 SM-CAPACITY
               BY REFERENCE SM-LENGTH
               BY REFERENCE SM-ERROR
               RETURNING    SM-STATUS
           IF SM-STATUS = SM-OK
               MOVE SM-LENGTH TO SM-OUT-LENGTH
               MOVE SPACES TO SM-OUT(SM-OUT-LENGTH + 1:)
           ELSE
               PERFORM SM-TELL-ERROR
           END-IF.

      *> In: SM-WAIT-MS. Out: the token itself in SM-OUT, SM-OUT-LENGTH,
      *> SM-TYPE, SM-SCOPE, SM-EXPIRES-AT, SM-EXPIRES-IN.
       SM-CLIENT-TOKEN SECTION.
           PERFORM SM-CLEAR
           CALL STATIC "sm_client_token_within" USING
               BY VALUE     SM-CLIENT
               BY VALUE SIZE 8 SM-WAIT-MS
               BY REFERENCE SM-TOKEN
               BY REFERENCE SM-ERROR
               RETURNING    SM-STATUS
           IF SM-STATUS = SM-OK
               PERFORM SM-COPY-TOKEN
           END-IF
           PERFORM SM-TELL-ERROR
           CALL STATIC "sm_token_free" USING BY VALUE SM-TOKEN
               RETURNING NOTHING
           SET SM-TOKEN TO NULL.

      *> In: SM-OUT, the token or authorization that was refused. It is
      *> dropped if it is still the current one.
       SM-CLIENT-INVALIDATE SECTION.
           MOVE LOW-VALUE TO SM-OUT(SM-OUT-LENGTH + 1:1)
           CALL STATIC "sm_client_invalidate_authorization" USING
               BY VALUE     SM-CLIENT
               BY REFERENCE SM-OUT
               RETURNING    NOTHING
           PERFORM SM-WIPE
           PERFORM SM-CLEAR.

      *> In: SM-CLIENT-ID, SM-CLIENT-SECRET, in place of those before: a
      *> token request uses them from now on. The current token stays.
       SM-CLIENT-SET-CREDENTIALS SECTION.
           PERFORM SM-CLEAR
           PERFORM SM-PLACE-CREDENTIALS
           CALL STATIC "sm_client_set_credentials" USING
               BY VALUE     SM-CLIENT
               BY VALUE     SM-C-ID-AT
               BY VALUE     SM-C-SECRET-AT
               BY REFERENCE SM-ERROR
               RETURNING    SM-STATUS
           MOVE LOW-VALUES TO SM-C-SECRET
           PERFORM SM-TELL-ERROR.

       SM-CLIENT-FREE SECTION.
           CALL STATIC "sm_client_free" USING BY VALUE SM-CLIENT
               RETURNING NOTHING
           SET SM-CLIENT TO NULL.

      *> What the library holds it wipes itself; this is for yours.
       SM-WIPE SECTION.
           MOVE LOW-VALUES TO SM-CLIENT-SECRET SM-OUT
           MOVE SPACES TO SM-CLIENT-SECRET SM-OUT.

      *> The rest is for the sections above.

       SM-CLEAR SECTION.
           MOVE SPACES TO SM-OUT SM-TYPE SM-SCOPE SM-ERROR-TEXT
           MOVE SM-OK TO SM-STATUS
           MOVE 0 TO SM-OUT-LENGTH SM-EXPIRES-AT SM-EXPIRES-IN
                     SM-RETRYABLE
           MOVE -1 TO SM-RETRY-AFTER-MS.

      *> Spaces leave the default in place.
       SM-SET-BASE-URL SECTION.
           MOVE SM-BASE-URL TO SM-C-TEXT
           PERFORM SM-END-C-TEXT
           IF SM-C-TEXT NOT = LOW-VALUES
               CALL STATIC "sm_options_set_base_url" USING
                   BY VALUE     SM-OPTIONS
                   BY REFERENCE SM-C-TEXT
                   RETURNING    SM-STATUS
               IF SM-STATUS NOT = SM-OK
                   PERFORM SM-TELL-REFUSAL
               END-IF
           END-IF.

       SM-SET-CA-FILE SECTION.
           MOVE SM-CA-FILE TO SM-C-TEXT
           PERFORM SM-END-C-TEXT
           IF SM-C-TEXT NOT = LOW-VALUES
               CALL STATIC "sm_options_set_ca_file" USING
                   BY VALUE     SM-OPTIONS
                   BY REFERENCE SM-C-TEXT
                   RETURNING    SM-STATUS
               IF SM-STATUS NOT = SM-OK
                   PERFORM SM-TELL-REFUSAL
               END-IF
           END-IF.

      *> 0 leaves the default in place. C has no sign there: less than 0
      *> would be a long time, and goes as the 0 that C refuses.
       SM-SET-TIMEOUT SECTION.
           IF SM-TIMEOUT-MS NOT = 0
               COMPUTE SM-C-NUMBER = FUNCTION MAX(SM-TIMEOUT-MS 0)
               CALL STATIC "sm_options_set_timeout_ms" USING
                   BY VALUE     SM-OPTIONS
                   BY VALUE     SM-C-NUMBER
                   RETURNING    SM-STATUS
               IF SM-STATUS NOT = SM-OK
                   PERFORM SM-TELL-REFUSAL
               END-IF
           END-IF.

      *> One without the other goes as an empty path, which C refuses.
       SM-SET-CREDENTIAL-FILES SECTION.
           MOVE SM-CLIENT-SECRET-FILE TO SM-C-TEXT
           PERFORM SM-END-C-TEXT
           MOVE SM-C-TEXT TO SM-C-SECRET
           MOVE SM-CLIENT-ID-FILE TO SM-C-TEXT
           PERFORM SM-END-C-TEXT
           PERFORM SM-PLACE-PAIR
           CALL STATIC "sm_options_set_credential_files" USING
               BY VALUE     SM-OPTIONS
               BY VALUE     SM-C-ID-AT
               BY VALUE     SM-C-SECRET-AT
               RETURNING    SM-STATUS
           IF SM-STATUS NOT = SM-OK
               PERFORM SM-TELL-REFUSAL
           END-IF.

       SM-PLACE-CREDENTIALS SECTION.
           MOVE SM-CLIENT-SECRET TO SM-C-TEXT
           PERFORM SM-END-C-TEXT
           MOVE SM-C-TEXT TO SM-C-SECRET
           MOVE SM-CLIENT-ID TO SM-C-TEXT
           PERFORM SM-END-C-TEXT
           PERFORM SM-PLACE-PAIR.

      *> Without either, C wants NULL twice to look elsewhere.
       SM-PLACE-PAIR SECTION.
           IF SM-C-TEXT = LOW-VALUES AND SM-C-SECRET = LOW-VALUES
               SET SM-C-ID-AT SM-C-SECRET-AT TO NULL
           ELSE
               SET SM-C-ID-AT     TO ADDRESS OF SM-C-TEXT
               SET SM-C-SECRET-AT TO ADDRESS OF SM-C-SECRET
           END-IF.

      *> LOW-VALUES, as of a field that was never filled, are empty too.
       SM-END-C-TEXT SECTION.
           INSPECT SM-C-TEXT REPLACING TRAILING LOW-VALUES BY SPACES
           INSPECT SM-C-TEXT REPLACING TRAILING SPACES BY LOW-VALUES.

       SM-COPY-TOKEN SECTION.
           MOVE LENGTH OF SM-OUT TO SM-CAPACITY
           CALL STATIC "sm_token_copy" USING
               BY VALUE     SM-TOKEN
               BY VALUE     SM-FIELD-ACCESS-TOKEN
               BY REFERENCE SM-OUT
               BY VALUE SIZE 8 SM-CAPACITY
               BY REFERENCE SM-LENGTH
               RETURNING    SM-STATUS
           MOVE SM-LENGTH TO SM-OUT-LENGTH
           MOVE SPACES TO SM-OUT(SM-OUT-LENGTH + 1:)
           CALL STATIC "sm_token_expires_at" USING BY VALUE SM-TOKEN
               RETURNING SM-WIDE-AT
           MOVE SM-WIDE TO SM-EXPIRES-AT
           CALL STATIC "sm_token_expires_in" USING BY VALUE SM-TOKEN
               RETURNING SM-WIDE-AT
           MOVE SM-WIDE TO SM-EXPIRES-IN
           CALL STATIC "sm_token_type" USING BY VALUE SM-TOKEN
               RETURNING SM-C-RESULT-AT
           SET ADDRESS OF SM-C-RESULT TO SM-C-RESULT-AT
           STRING SM-C-RESULT DELIMITED BY LOW-VALUE INTO SM-TYPE
           CALL STATIC "sm_token_scope" USING BY VALUE SM-TOKEN
               RETURNING SM-C-RESULT-AT
           SET ADDRESS OF SM-C-RESULT TO SM-C-RESULT-AT
           STRING SM-C-RESULT DELIMITED BY LOW-VALUE INTO SM-SCOPE.

      *> Why the last setter of options refused.
       SM-TELL-REFUSAL SECTION.
           CALL STATIC "sm_options_message" USING BY VALUE SM-OPTIONS
               RETURNING SM-C-RESULT-AT
           SET ADDRESS OF SM-C-RESULT TO SM-C-RESULT-AT
           STRING SM-C-RESULT DELIMITED BY LOW-VALUE
               INTO SM-ERROR-TEXT.

       SM-TELL-ERROR SECTION.
           IF SM-ERROR NOT = NULL
               CALL STATIC "sm_error_message" USING BY VALUE SM-ERROR
                   RETURNING SM-C-RESULT-AT
               SET ADDRESS OF SM-C-RESULT TO SM-C-RESULT-AT
               STRING SM-C-RESULT DELIMITED BY LOW-VALUE
                   INTO SM-ERROR-TEXT
               CALL STATIC "sm_error_is_retryable" USING
                   BY VALUE  SM-ERROR
                   RETURNING SM-RETRYABLE
               CALL STATIC "sm_error_retry_after_ms" USING
                   BY VALUE  SM-ERROR
                   RETURNING SM-WIDE-AT
               MOVE SM-WIDE TO SM-RETRY-AFTER-MS
               CALL STATIC "sm_error_free" USING BY VALUE SM-ERROR
                   RETURNING NOTHING
               SET SM-ERROR TO NULL
           END-IF.
