      *> Fetches an access token and shows what came with it, the token
      *> itself masked.
      *>
      *>     cobc -x example.cbl -lsm_token
      *>
      *> The library takes the credentials from SMX_CLIENT_ID and
      *> SMX_CLIENT_SECRET and the service from SMX_BASE_URL where it is
      *> set. SM_TOKEN_CA_FILE is this program's own.
       IDENTIFICATION DIVISION.
       PROGRAM-ID. EXAMPLE.
       DATA DIVISION.
       WORKING-STORAGE SECTION.
       COPY SMTOKEN.
       01  SHOWN-NUMBER           PIC Z(9)9.

       PROCEDURE DIVISION.
       MAIN SECTION.
           ACCEPT SM-CA-FILE FROM ENVIRONMENT "SM_TOKEN_CA_FILE"
           PERFORM SM-CLIENT-NEW
           IF SM-STATUS = SM-OK
               PERFORM SM-CLIENT-TOKEN
           END-IF
           IF SM-STATUS = SM-OK
               PERFORM SHOW-TOKEN
           ELSE
               DISPLAY "no token: " FUNCTION TRIM(SM-ERROR-TEXT)
                   UPON SYSERR
               MOVE 1 TO RETURN-CODE
           END-IF
           PERFORM SM-WIPE
           PERFORM SM-CLIENT-FREE
           GOBACK.

       SHOW-TOKEN SECTION.
           DISPLAY "  type     " FUNCTION TRIM(SM-TYPE)
           DISPLAY "  scope    " FUNCTION TRIM(SM-SCOPE)
           MOVE SM-EXPIRES-IN TO SHOWN-NUMBER
           DISPLAY "  expires  in " FUNCTION TRIM(SHOWN-NUMBER)
               " seconds"
           MOVE SM-OUT-LENGTH TO SHOWN-NUMBER
           DISPLAY "  token    " SM-OUT(1:4) "... ("
               FUNCTION TRIM(SHOWN-NUMBER) " characters)".

       COPY SMCALLS.
