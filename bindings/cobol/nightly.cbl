      *> A step of a nightly batch: reads page numbers, one a record,
      *> and writes a request for each page of companies, which curl
      *> sends.
      *>
      *>     ./nightly < pages.txt | curl --config -
      *>
      *> The token goes to curl through the pipe: no command line, no
      *> file and no log ever holds it. However long the step runs, the
      *> client has a token that is valid, and asks for no more of them
      *> than that takes.
       IDENTIFICATION DIVISION.
       PROGRAM-ID. NIGHTLY.
       ENVIRONMENT DIVISION.
       INPUT-OUTPUT SECTION.
       FILE-CONTROL.
           SELECT PAGES ASSIGN TO KEYBOARD
               ORGANIZATION IS LINE SEQUENTIAL.
       DATA DIVISION.
       FILE SECTION.
       FD  PAGES.
       01  PAGE-NUMBER            PIC X(8).
       WORKING-STORAGE SECTION.
       COPY SMTOKEN.
       01  SERVICE                PIC X(256).
       01  CA-FILE                PIC X(256).
       01  REQUEST-COUNT          PIC 9(4) VALUE 0.
       01  END-OF-PAGES           PIC X VALUE "N".
           88  NO-MORE-PAGES      VALUE "Y".

       PROCEDURE DIVISION.
       MAIN SECTION.
           ACCEPT SERVICE FROM ENVIRONMENT "SMX_BASE_URL"
           IF SERVICE = SPACES
               MOVE "https://api.standardmetrics.io" TO SERVICE
           END-IF
           ACCEPT CA-FILE FROM ENVIRONMENT "SM_TOKEN_CA_FILE"
           MOVE CA-FILE TO SM-CA-FILE
           PERFORM SM-CLIENT-NEW
           OPEN INPUT PAGES
           PERFORM UNTIL NO-MORE-PAGES OR SM-STATUS NOT = SM-OK
               READ PAGES
                   AT END     SET NO-MORE-PAGES TO TRUE
                   NOT AT END PERFORM WRITE-REQUEST
               END-READ
           END-PERFORM
           CLOSE PAGES
           PERFORM SM-WIPE
           PERFORM SM-CLIENT-FREE
           PERFORM REPORT-STEP
           GOBACK.

       WRITE-REQUEST SECTION.
           PERFORM SM-CLIENT-AUTHORIZATION
           IF SM-STATUS = SM-OK
               IF REQUEST-COUNT > 0
                   DISPLAY "next"
               END-IF
               DISPLAY 'url = "' FUNCTION TRIM(SERVICE)
                   "/v1/companies/?page=" FUNCTION TRIM(PAGE-NUMBER)
                   '"'
               DISPLAY 'header = "Authorization: '
                   SM-OUT(1:SM-OUT-LENGTH) '"'
               DISPLAY "fail"
               IF CA-FILE NOT = SPACES
                   DISPLAY 'cacert = "' FUNCTION TRIM(CA-FILE) '"'
               END-IF
               ADD 1 TO REQUEST-COUNT
           END-IF.

      *> For the scheduler: 0 done, 4 worth a rerun, 8 needs a person.
       REPORT-STEP SECTION.
           DISPLAY "nightly: " REQUEST-COUNT " requests" UPON SYSERR
           EVALUATE TRUE
               WHEN SM-STATUS = SM-OK
                   MOVE 0 TO RETURN-CODE
               WHEN SM-RETRYABLE = 1
                   MOVE 4 TO RETURN-CODE
               WHEN OTHER
                   MOVE 8 TO RETURN-CODE
           END-EVALUATE
           IF SM-STATUS NOT = SM-OK
               DISPLAY "nightly: " FUNCTION TRIM(SM-ERROR-TEXT)
                   UPON SYSERR
           END-IF.

       COPY SMCALLS.
