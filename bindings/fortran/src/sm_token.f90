!> Gets and keeps access tokens for the Standard Metrics API, over the C library sm_token.
!>
!> Every procedure that can fail takes `stat` and `errmsg`, as ALLOCATE does: `stat` is SM_OK (0) or one of
!> the SM_ERROR_ constants, `errmsg` says what happened and what to do. Without `stat` a failure ends the
!> program with that message. Each text that is allocatable comes back allocated: `errmsg` without a
!> character after a success, every other one after a failure.
!>
!> Text is UTF-8. Blanks at the end of what goes in are dropped, and what is empty then means the default:
!> the credentials of SMX_CLIENT_ID and SMX_CLIENT_SECRET, the service of SMX_BASE_URL or the vendor's own,
!> the system's trust store.
!>
!> Any number of threads may be in these procedures at once, even where a program is compiled with
!> -fno-automatic, which makes the variables of procedures static unless they are recursive.
module sm_token
    use, intrinsic :: iso_c_binding, only: c_associated, c_char, c_f_pointer, c_funloc, c_funptr, c_int32_t, &
        c_int64_t, c_loc, c_null_char, c_null_ptr, c_ptr, c_size_t
    implicit none
    private

    integer(c_int32_t), parameter, public :: SM_OK = 0
    ! Yours to mend:
    integer(c_int32_t), parameter, public :: SM_ERROR_INVALID_ARGUMENT = 10
    integer(c_int32_t), parameter, public :: SM_ERROR_NO_CREDENTIALS = 11
    integer(c_int32_t), parameter, public :: SM_ERROR_BUFFER_TOO_SMALL = 12
    integer(c_int32_t), parameter, public :: SM_ERROR_INSECURE_URL = 13
    ! The network:
    integer(c_int32_t), parameter, public :: SM_ERROR_DNS = 20
    integer(c_int32_t), parameter, public :: SM_ERROR_CONNECT = 21
    integer(c_int32_t), parameter, public :: SM_ERROR_TIMEOUT = 22
    integer(c_int32_t), parameter, public :: SM_ERROR_PROXY = 23
    integer(c_int32_t), parameter, public :: SM_ERROR_IO = 24
    integer(c_int32_t), parameter, public :: SM_ERROR_CANCELED = 25
    integer(c_int32_t), parameter, public :: SM_ERROR_RESOURCES = 26
    ! TLS:
    integer(c_int32_t), parameter, public :: SM_ERROR_TLS = 30
    integer(c_int32_t), parameter, public :: SM_ERROR_CERTIFICATE = 31
    integer(c_int32_t), parameter, public :: SM_ERROR_NO_TRUST_ROOTS = 32
    ! The server refused:
    integer(c_int32_t), parameter, public :: SM_ERROR_INVALID_CLIENT = 40
    integer(c_int32_t), parameter, public :: SM_ERROR_INVALID_SCOPE = 41
    integer(c_int32_t), parameter, public :: SM_ERROR_OAUTH = 42
    integer(c_int32_t), parameter, public :: SM_ERROR_RATE_LIMITED = 43
    integer(c_int32_t), parameter, public :: SM_ERROR_SERVER = 44
    integer(c_int32_t), parameter, public :: SM_ERROR_HTTP = 45
    ! Its answer is no token:
    integer(c_int32_t), parameter, public :: SM_ERROR_INVALID_RESPONSE = 50
    integer(c_int32_t), parameter, public :: SM_ERROR_RESPONSE_TOO_LARGE = 51
    ! A defect of the library:
    integer(c_int32_t), parameter, public :: SM_ERROR_INTERNAL = 90

    ! The field of the token that one call brings.
    integer(c_int32_t), parameter, public :: SM_FIELD_ACCESS_TOKEN = 0
    integer(c_int32_t), parameter, public :: SM_FIELD_AUTHORIZATION = 1
    integer(c_int32_t), parameter, public :: SM_FIELD_TYPE = 2
    integer(c_int32_t), parameter, public :: SM_FIELD_SCOPE = 3

    ! The verdicts of a check: nothing is wrong with the step; it keeps a token from coming; it was not reached,
    ! does not apply, or can't be judged.
    integer(c_int32_t), parameter, public :: SM_CHECK_OK = 0
    integer(c_int32_t), parameter, public :: SM_CHECK_WRONG = 1
    integer(c_int32_t), parameter, public :: SM_CHECK_UNKNOWN = 2

    !> Bytes that hold any field.
    integer, parameter, public :: SM_AUTHORIZATION_SIZE = 16391

    character(*), parameter :: COPIED = &
        'this is a copy of a client; use the variable that was opened, or open another client'

    public :: sm_check, sm_fetch, sm_fetch_into, sm_status_is_retryable, sm_status_text, sm_version_text

    !> What a client tells about its token. `expires_at` is in seconds of Unix time, `expires_in` in seconds
    !> from when the client was asked.
    type, public :: sm_access_token
        character(:), allocatable :: access_token
        character(:), allocatable :: token_type
        character(:), allocatable :: scope
        integer(c_int64_t) :: expires_at = 0
        integer(c_int64_t) :: expires_in = 0
    end type

    !> One step to a token. Its texts hold no secret.
    type, public :: sm_check_step
        !> 'credentials', 'base URL', 'proxy', 'name', 'connection', 'TLS', 'certificate', 'clock' or 'answer'.
        character(:), allocatable :: name
        !> One of the SM_CHECK_ constants.
        integer(c_int32_t) :: verdict = SM_CHECK_UNKNOWN
        !> What is, in one line.
        character(:), allocatable :: text
        !> One thing to do; without a character where there is nothing to do.
        character(:), allocatable :: advice
    end type

    !> A client that keeps a valid token. It is freed when it goes out of scope, which a variable of the
    !> main program never does, or by `close`. It can't be copied: an assignment ends the program, and what
    !> ALLOCATE with SOURCE= copies is refused with SM_ERROR_INVALID_ARGUMENT and frees nothing. MOVE_ALLOC
    !> moves it.
    type, public :: sm_client
        private
        type(c_ptr) :: handle = c_null_ptr
        ! The place of `handle` in the variable that was opened. A copy is elsewhere, and owns nothing.
        type(c_ptr) :: opened_at = c_null_ptr
    contains
        procedure :: open => open_client
        procedure :: authorization => client_authorization
        procedure :: token => client_token
        procedure :: invalidate => client_invalidate
        procedure :: set_credentials => client_set_credentials
        procedure :: shutdown => client_shutdown
        procedure :: close => close_client
        procedure, private :: is_copy
        procedure, private :: refuse_copy
        generic :: assignment(=) => refuse_copy
        final :: finalize_client
    end type

    ! A text of a procedure's own. Of a variable with a deferred length gfortran keeps the length in a place that
    ! all threads share, and under -fno-automatic it does not begin as deallocated; a component has neither fault.
    type :: own_text
        character(:), allocatable :: text
    end type

    ! What a call is given, on its way to C. `why` is what is wrong with it where `status` is not SM_OK.
    type :: given
        type(own_text) :: client_id, client_secret, why
        type(c_ptr) :: options = c_null_ptr
        integer(c_int32_t) :: status = SM_OK
    end type

    type :: steps_taken
        type(sm_check_step), allocatable :: steps(:)
    end type

    ! The C functions, in the order of sm_token.h. An argument that is absent is NULL.
    interface
        pure function c_status_message(status) bind(c, name='sm_status_message') result(text)
            import :: c_int32_t, c_ptr
            integer(c_int32_t), value :: status
            type(c_ptr) :: text
        end function

        pure function c_status_is_retryable(status) bind(c, name='sm_status_is_retryable') result(retryable)
            import :: c_int32_t
            integer(c_int32_t), value :: status
            integer(c_int32_t) :: retryable
        end function

        pure function c_version() bind(c, name='sm_version') result(text)
            import :: c_ptr
            type(c_ptr) :: text
        end function

        function c_error_message(error) bind(c, name='sm_error_message') result(text)
            import :: c_ptr
            type(c_ptr), value :: error
            type(c_ptr) :: text
        end function

        function c_error_is_retryable(error) bind(c, name='sm_error_is_retryable') result(retryable)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: error
            integer(c_int32_t) :: retryable
        end function

        function c_error_retry_after_ms(error) bind(c, name='sm_error_retry_after_ms') result(milliseconds)
            import :: c_int64_t, c_ptr
            type(c_ptr), value :: error
            integer(c_int64_t) :: milliseconds
        end function

        subroutine c_error_free(error) bind(c, name='sm_error_free')
            import :: c_ptr
            type(c_ptr), value :: error
        end subroutine

        function c_options_new() bind(c, name='sm_options_new') result(options)
            import :: c_ptr
            type(c_ptr) :: options
        end function

        function c_options_message(options) bind(c, name='sm_options_message') result(text)
            import :: c_ptr
            type(c_ptr), value :: options
            type(c_ptr) :: text
        end function

        function c_options_set_base_url(options, base_url) bind(c, name='sm_options_set_base_url') &
                result(status)
            import :: c_char, c_int32_t, c_ptr
            type(c_ptr), value :: options
            character(kind=c_char), intent(in), optional :: base_url(*)
            integer(c_int32_t) :: status
        end function

        function c_options_set_scope(options, scope) bind(c, name='sm_options_set_scope') result(status)
            import :: c_char, c_int32_t, c_ptr
            type(c_ptr), value :: options
            character(kind=c_char), intent(in), optional :: scope(*)
            integer(c_int32_t) :: status
        end function

        function c_options_set_proxy(options, proxy) bind(c, name='sm_options_set_proxy') result(status)
            import :: c_char, c_int32_t, c_ptr
            type(c_ptr), value :: options
            character(kind=c_char), intent(in), optional :: proxy(*)
            integer(c_int32_t) :: status
        end function

        function c_options_set_ca_file(options, ca_file) bind(c, name='sm_options_set_ca_file') &
                result(status)
            import :: c_char, c_int32_t, c_ptr
            type(c_ptr), value :: options
            character(kind=c_char), intent(in), optional :: ca_file(*)
            integer(c_int32_t) :: status
        end function

        function c_options_set_credential_files(options, client_id_file, client_secret_file) &
                bind(c, name='sm_options_set_credential_files') result(status)
            import :: c_char, c_int32_t, c_ptr
            type(c_ptr), value :: options
            character(kind=c_char), intent(in), optional :: client_id_file(*)
            character(kind=c_char), intent(in), optional :: client_secret_file(*)
            integer(c_int32_t) :: status
        end function

        function c_options_set_timeout_ms(options, timeout_ms) bind(c, name='sm_options_set_timeout_ms') &
                result(status)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: options
            integer(c_int32_t), value :: timeout_ms
            integer(c_int32_t) :: status
        end function

        subroutine c_options_free(options) bind(c, name='sm_options_free')
            import :: c_ptr
            type(c_ptr), value :: options
        end subroutine

        function c_token_access_token(token) bind(c, name='sm_token_access_token') result(text)
            import :: c_ptr
            type(c_ptr), value :: token
            type(c_ptr) :: text
        end function

        function c_token_type(token) bind(c, name='sm_token_type') result(text)
            import :: c_ptr
            type(c_ptr), value :: token
            type(c_ptr) :: text
        end function

        function c_token_scope(token) bind(c, name='sm_token_scope') result(text)
            import :: c_ptr
            type(c_ptr), value :: token
            type(c_ptr) :: text
        end function

        function c_token_expires_at(token) bind(c, name='sm_token_expires_at') result(seconds)
            import :: c_int64_t, c_ptr
            type(c_ptr), value :: token
            integer(c_int64_t) :: seconds
        end function

        function c_token_expires_in(token) bind(c, name='sm_token_expires_in') result(seconds)
            import :: c_int64_t, c_ptr
            type(c_ptr), value :: token
            integer(c_int64_t) :: seconds
        end function

        subroutine c_token_free(token) bind(c, name='sm_token_free')
            import :: c_ptr
            type(c_ptr), value :: token
        end subroutine

        function c_token_fetch_into(client_id, client_id_length, client_secret, client_secret_length, &
                base_url, base_url_length, ca_file, ca_file_length, field, out, out_capacity, out_length, &
                expires_at, error_text, error_text_capacity) bind(c, name='sm_token_fetch_into') &
                result(status)
            import :: c_char, c_int32_t, c_int64_t
            character(kind=c_char), intent(in), optional :: client_id(*)
            integer(c_int32_t), value :: client_id_length
            character(kind=c_char), intent(in), optional :: client_secret(*)
            integer(c_int32_t), value :: client_secret_length
            character(kind=c_char), intent(in), optional :: base_url(*)
            integer(c_int32_t), value :: base_url_length
            character(kind=c_char), intent(in), optional :: ca_file(*)
            integer(c_int32_t), value :: ca_file_length
            integer(c_int32_t), value :: field
            character(kind=c_char), intent(out) :: out(*)
            integer(c_int32_t), value :: out_capacity
            integer(c_int32_t), intent(out), optional :: out_length
            integer(c_int64_t), intent(out), optional :: expires_at
            character(kind=c_char), intent(out) :: error_text(*)
            integer(c_int32_t), value :: error_text_capacity
            integer(c_int32_t) :: status
        end function

        function c_client_new(client_id, client_secret, options, client, error) &
                bind(c, name='sm_client_new') result(status)
            import :: c_char, c_int32_t, c_ptr
            character(kind=c_char), intent(in), optional :: client_id(*)
            character(kind=c_char), intent(in), optional :: client_secret(*)
            type(c_ptr), value :: options
            type(c_ptr), intent(out) :: client
            type(c_ptr), intent(out) :: error
            integer(c_int32_t) :: status
        end function

        function c_client_token(client, wait_ms, token, error) bind(c, name='sm_client_token_within') &
                result(status)
            import :: c_int32_t, c_int64_t, c_ptr
            type(c_ptr), value :: client
            integer(c_int64_t), value :: wait_ms
            type(c_ptr), intent(out) :: token
            type(c_ptr), intent(out) :: error
            integer(c_int32_t) :: status
        end function

        function c_client_authorization(client, wait_ms, buffer, capacity, length, error) &
                bind(c, name='sm_client_authorization_within') result(status)
            import :: c_char, c_int32_t, c_int64_t, c_ptr, c_size_t
            type(c_ptr), value :: client
            integer(c_int64_t), value :: wait_ms
            character(kind=c_char), intent(out) :: buffer(*)
            integer(c_size_t), value :: capacity
            integer(c_size_t), intent(out) :: length
            type(c_ptr), intent(out) :: error
            integer(c_int32_t) :: status
        end function

        subroutine c_client_invalidate_authorization(client, authorization) &
                bind(c, name='sm_client_invalidate_authorization')
            import :: c_char, c_ptr
            type(c_ptr), value :: client
            character(kind=c_char), intent(in), optional :: authorization(*)
        end subroutine

        function c_client_set_credentials(client, client_id, client_secret, error) &
                bind(c, name='sm_client_set_credentials') result(status)
            import :: c_char, c_int32_t, c_ptr
            type(c_ptr), value :: client
            character(kind=c_char), intent(in), optional :: client_id(*)
            character(kind=c_char), intent(in), optional :: client_secret(*)
            type(c_ptr), intent(out) :: error
            integer(c_int32_t) :: status
        end function

        subroutine c_client_shutdown(client) bind(c, name='sm_client_shutdown')
            import :: c_ptr
            type(c_ptr), value :: client
        end subroutine

        subroutine c_client_free(client) bind(c, name='sm_client_free')
            import :: c_ptr
            type(c_ptr), value :: client
        end subroutine

        function c_check(client_id, client_secret, options, step, user_data, error) bind(c, name='sm_check') &
                result(status)
            import :: c_char, c_funptr, c_int32_t, c_ptr
            character(kind=c_char), intent(in), optional :: client_id(*)
            character(kind=c_char), intent(in), optional :: client_secret(*)
            type(c_ptr), value :: options
            type(c_funptr), value :: step
            type(c_ptr), value :: user_data
            type(c_ptr), intent(out) :: error
            integer(c_int32_t) :: status
        end function

        pure function c_strlen(text) bind(c, name='strlen') result(length)
            import :: c_ptr, c_size_t
            type(c_ptr), value :: text
            integer(c_size_t) :: length
        end function
    end interface

contains

    ! ---- one call -----------------------------------------------------------------------------

    !> Asks the server for a token and brings one field of it: "Bearer TOKEN", ready for the Authorization
    !> header, unless `field` is another of the SM_FIELD_ constants. One request each time: who needs a
    !> token more than once keeps an sm_client.
    recursive subroutine sm_fetch(text, stat, errmsg, client_id, client_secret, base_url, ca_file, field, expires_at)
        character(:), allocatable, intent(out) :: text
        integer(c_int32_t), intent(out), optional :: stat
        character(:), allocatable, intent(out), optional :: errmsg
        character(*), intent(in), optional :: client_id, client_secret, base_url, ca_file
        integer(c_int32_t), intent(in), optional :: field
        integer(c_int64_t), intent(out), optional :: expires_at
        character(SM_AUTHORIZATION_SIZE) :: out
        character(2048) :: error_text
        integer(c_int32_t) :: status, length

        call sm_fetch_into(out, length, status, error_text, client_id, client_secret, base_url, ca_file, &
            field, expires_at)
        text = ''
        if (status == SM_OK) text = out(:length)
        if (present(errmsg)) errmsg = trim(error_text)
        call settle(status, error_text, stat)
    end subroutine

    !> As sm_fetch, with text of fixed lengths, padded with blanks; `length` counts `out` without them.
    recursive subroutine sm_fetch_into(out, length, stat, error_text, client_id, client_secret, base_url, ca_file, &
            field, expires_at)
        character(*), intent(out) :: out
        integer(c_int32_t), intent(out) :: length
        integer(c_int32_t), intent(out) :: stat
        character(*), intent(out) :: error_text
        character(*), intent(in), optional :: client_id, client_secret, base_url, ca_file
        integer(c_int32_t), intent(in), optional :: field
        integer(c_int64_t), intent(out), optional :: expires_at
        integer(c_int32_t) :: wanted

        wanted = SM_FIELD_AUTHORIZATION
        if (present(field)) wanted = field
        stat = c_token_fetch_into(client_id, length_of(client_id), client_secret, length_of(client_secret), &
            base_url, length_of(base_url), ca_file, length_of(ca_file), wanted, &
            out, len(out, c_int32_t), length, expires_at, error_text, len(error_text, c_int32_t))
    end subroutine

    ! ---- a client -----------------------------------------------------------------------------

    !> Makes the client, which copies what it is given and makes no request yet. One that is open already
    !> is freed first. `timeout_ms` bounds each call, retries included: 30000 unless it is given.
    !> `client_id_file` and `client_secret_file` name files that hold the credentials, both or neither, for a call
    !> that gives none; they are read again for each token request.
    recursive subroutine open_client(self, client_id, client_secret, base_url, ca_file, scope, proxy, timeout_ms, &
            stat, errmsg, client_id_file, client_secret_file)
        class(sm_client), intent(inout), target :: self
        character(*), intent(in), optional :: client_id, client_secret, base_url, ca_file, scope, proxy
        character(*), intent(in), optional :: client_id_file, client_secret_file
        integer(c_int32_t), intent(in), optional :: timeout_ms
        integer(c_int32_t), intent(out), optional :: stat
        character(:), allocatable, intent(out), optional :: errmsg
        type(given) :: call_given
        type(c_ptr) :: error
        integer(c_int32_t) :: status

        call self%close()
        call give(call_given, client_id, client_secret, base_url, ca_file, scope, proxy, timeout_ms, &
            client_id_file, client_secret_file)
        status = call_given%status
        if (status == SM_OK) then
            status = c_client_new(call_given%client_id%text, call_given%client_secret%text, call_given%options, &
                self%handle, error)
            if (status == SM_OK) self%opened_at = c_loc(self%handle)
            call take(error, call_given%why)
        end if
        call c_options_free(call_given%options)
        if (present(errmsg)) errmsg = call_given%why%text
        call settle(status, call_given%why%text, stat)
    end subroutine

    !> The current "Bearer TOKEN", fetched or renewed where it must be; most calls only copy it from memory.
    !>
    !> `wait_ms` is how long the call waits at most, in milliseconds: 0 never waits, but starts a request where
    !> one is needed; -1, which is the default, and what is above `timeout_ms` mean that. A wait that ends is
    !> SM_ERROR_TIMEOUT; the request goes on, and the next call gets its outcome.
    recursive subroutine client_authorization(self, text, stat, errmsg, retryable, retry_after_ms, wait_ms)
        class(sm_client), intent(in) :: self
        character(:), allocatable, intent(out) :: text
        integer(c_int32_t), intent(out), optional :: stat
        character(:), allocatable, intent(out), optional :: errmsg
        logical, intent(out), optional :: retryable
        integer(c_int64_t), intent(out), optional :: retry_after_ms
        integer(c_int32_t), intent(in), optional :: wait_ms
        character(SM_AUTHORIZATION_SIZE + 1) :: buffer
        type(own_text) :: why
        integer(c_size_t) :: length
        type(c_ptr) :: error
        integer(c_int32_t) :: status

        status = c_client_authorization(own_handle(self), milliseconds(wait_ms), buffer, &
            len(buffer, c_size_t), length, error)
        text = ''
        if (status == SM_OK) text = buffer(:length)
        call take(error, why, retryable, retry_after_ms)
        if (self%is_copy()) why%text = COPIED
        if (present(errmsg)) errmsg = why%text
        call settle(status, why%text, stat)
    end subroutine

    !> The current token and all about it; `wait_ms` as for `authorization`.
    recursive subroutine client_token(self, token, stat, errmsg, retryable, retry_after_ms, wait_ms)
        class(sm_client), intent(in) :: self
        type(sm_access_token), intent(out) :: token
        integer(c_int32_t), intent(out), optional :: stat
        character(:), allocatable, intent(out), optional :: errmsg
        logical, intent(out), optional :: retryable
        integer(c_int64_t), intent(out), optional :: retry_after_ms
        integer(c_int32_t), intent(in), optional :: wait_ms
        type(own_text) :: why
        type(c_ptr) :: handle, error
        integer(c_int32_t) :: status

        status = c_client_token(own_handle(self), milliseconds(wait_ms), handle, error)
        ! After a failure there is none, of which C says "" and 0.
        token%access_token = from_c(c_token_access_token(handle))
        token%token_type = from_c(c_token_type(handle))
        token%scope = from_c(c_token_scope(handle))
        token%expires_at = c_token_expires_at(handle)
        token%expires_in = c_token_expires_in(handle)
        call c_token_free(handle)
        call take(error, why, retryable, retry_after_ms)
        if (self%is_copy()) why%text = COPIED
        if (present(errmsg)) errmsg = why%text
        call settle(status, why%text, stat)
    end subroutine

    !> After a 401: drops the token that was refused, given as it was sent or without "Bearer ", if it is
    !> still the current one. Without one drops whichever is current, and forgets a remembered failure.
    recursive subroutine client_invalidate(self, authorization)
        class(sm_client), intent(in) :: self
        character(*), intent(in), optional :: authorization
        type(own_text) :: c_authorization

        if (holds_nul(authorization)) return ! as no token does
        call to_c(authorization, c_authorization)
        call c_client_invalidate_authorization(own_handle(self), c_authorization%text)
    end subroutine

    !> Puts client credentials in place of those before, as a vault hands them out: the next request uses them, and
    !> the current token stays. Those that are refused leave the others in place.
    recursive subroutine client_set_credentials(self, client_id, client_secret, stat, errmsg)
        class(sm_client), intent(in) :: self
        character(*), intent(in) :: client_id, client_secret
        integer(c_int32_t), intent(out), optional :: stat
        character(:), allocatable, intent(out), optional :: errmsg
        type(own_text) :: c_id, c_secret, why
        type(c_ptr) :: error
        integer(c_int32_t) :: status

        status = SM_ERROR_INVALID_ARGUMENT
        if (holds_nul(client_id)) then
            why%text = 'client_id holds a NUL character'
        else if (holds_nul(client_secret)) then
            why%text = 'client_secret holds a NUL character'
        else
            call to_c(client_id, c_id)
            call to_c(client_secret, c_secret)
            status = c_client_set_credentials(own_handle(self), c_id%text, c_secret%text, error)
            call take(error, why)
            if (self%is_copy()) why%text = COPIED
        end if
        if (present(errmsg)) errmsg = why%text
        call settle(status, why%text, stat)
    end subroutine

    !> Lets every thread that waits for this client go, and refuses later calls with SM_ERROR_CANCELED.
    recursive subroutine client_shutdown(self)
        class(sm_client), intent(in) :: self

        call c_client_shutdown(own_handle(self))
    end subroutine

    !> Frees the client. No other call on it may be under way; later ones are refused.
    recursive subroutine close_client(self)
        class(sm_client), intent(inout) :: self

        call c_client_free(own_handle(self))
        self%handle = c_null_ptr
        self%opened_at = c_null_ptr
    end subroutine

    ! Elemental, so that the clients of an array are freed too.
    recursive impure elemental subroutine finalize_client(self)
        type(sm_client), intent(inout) :: self

        call self%close()
    end subroutine

    ! Two variables with one handle would free it twice. Elemental, so that no array is copied either.
    recursive impure elemental subroutine refuse_copy(to, from)
        class(sm_client), intent(inout) :: to
        class(sm_client), intent(in) :: from

        if (c_associated(to%handle) .or. c_associated(from%handle)) error stop 'sm_token: a client can not be copied'
    end subroutine

    ! The compiler copies a client without a word to it where it allocates by SOURCE=: two variables then hold
    ! one handle, and each is finalized. Only the one that stands where it was opened owns it.
    recursive function own_handle(self) result(handle)
        class(sm_client), intent(in) :: self
        type(c_ptr) :: handle

        handle = c_null_ptr
        if (.not. self%is_copy()) handle = self%handle
    end function

    recursive function is_copy(self)
        class(sm_client), intent(in), target :: self
        logical :: is_copy

        is_copy = .false.
        if (c_associated(self%handle)) is_copy = .not. c_associated(self%opened_at, c_loc(self%handle))
    end function

    ! Without a number the wait is that of the timeout.
    recursive pure function milliseconds(wait_ms)
        integer(c_int32_t), intent(in), optional :: wait_ms
        integer(c_int64_t) :: milliseconds

        milliseconds = -1
        if (present(wait_ms)) milliseconds = wait_ms
    end function

    ! ---- a check ------------------------------------------------------------------------------

    !> Takes the steps to a token, so that an operator sees what is wrong: all of them, in the order of the names of
    !> sm_check_step, at most for `timeout_ms`. One request is sent, and the token that it may bring is dropped. The
    !> other arguments are as for `open`.
    !>
    !> `stat` and `errmsg` are those of the first step that is wrong; of "clock", which no fetch fails for, `stat` is
    !> SM_ERROR_CERTIFICATE. An argument that is refused is a failure without any step.
    recursive subroutine sm_check(steps, stat, errmsg, client_id, client_secret, base_url, ca_file, scope, proxy, &
            timeout_ms, client_id_file, client_secret_file)
        ! With INTENT(OUT) gfortran warns each caller of bounds that it reads only where they are set.
        type(sm_check_step), allocatable, intent(inout) :: steps(:)
        integer(c_int32_t), intent(out), optional :: stat
        character(:), allocatable, intent(out), optional :: errmsg
        character(*), intent(in), optional :: client_id, client_secret, base_url, ca_file, scope, proxy
        integer(c_int32_t), intent(in), optional :: timeout_ms
        character(*), intent(in), optional :: client_id_file, client_secret_file
        type(given) :: call_given
        type(steps_taken), target :: taken
        type(c_ptr) :: error
        integer(c_int32_t) :: status

        if (allocated(steps)) deallocate (steps)
        allocate (taken%steps(0))
        call give(call_given, client_id, client_secret, base_url, ca_file, scope, proxy, timeout_ms, &
            client_id_file, client_secret_file)
        status = call_given%status
        if (status == SM_OK) then
            status = c_check(call_given%client_id%text, call_given%client_secret%text, call_given%options, &
                c_funloc(take_step), c_loc(taken), error)
            call take(error, call_given%why)
        end if
        call c_options_free(call_given%options)
        call move_alloc(taken%steps, steps)
        if (present(errmsg)) errmsg = call_given%why%text
        call settle(status, call_given%why%text, stat)
    end subroutine

    ! Called by the library, within c_check: adds the step to those that were taken.
    recursive function take_step(user_data, name, verdict, text, advice) bind(c, name='') result(go_on)
        type(c_ptr), value :: user_data, name, text, advice
        integer(c_int32_t), value :: verdict
        integer(c_int32_t) :: go_on
        type(steps_taken), pointer :: taken
        type(sm_check_step), allocatable :: longer(:)
        integer :: count

        call c_f_pointer(user_data, taken)
        count = size(taken%steps)
        allocate (longer(count + 1))
        longer(:count) = taken%steps
        longer(count + 1)%name = from_c(name)
        longer(count + 1)%verdict = verdict
        longer(count + 1)%text = from_c(text)
        longer(count + 1)%advice = from_c(advice)
        call move_alloc(longer, taken%steps)
        go_on = 1
    end function

    ! ---- what a call is given -----------------------------------------------------------------

    ! The caller frees the options, also after a failure.
    recursive subroutine give(to, client_id, client_secret, base_url, ca_file, scope, proxy, timeout_ms, &
            client_id_file, client_secret_file)
        type(given), intent(out) :: to
        character(*), intent(in), optional :: client_id, client_secret, base_url, ca_file, scope, proxy
        integer(c_int32_t), intent(in), optional :: timeout_ms
        character(*), intent(in), optional :: client_id_file, client_secret_file
        type(own_text) :: c_base_url, c_ca_file, c_scope, c_proxy, c_id_file, c_secret_file

        to%why%text = ''
        call convert('client_id', client_id, to%client_id)
        call convert('client_secret', client_secret, to%client_secret)
        call convert('base_url', base_url, c_base_url)
        call convert('ca_file', ca_file, c_ca_file)
        call convert('scope', scope, c_scope)
        call convert('proxy', proxy, c_proxy)
        call convert('client_id_file', client_id_file, c_id_file)
        call convert('client_secret_file', client_secret_file, c_secret_file)

        to%options = c_options_new()
        call check(c_options_set_base_url(to%options, c_base_url%text))
        call check(c_options_set_ca_file(to%options, c_ca_file%text))
        call check(c_options_set_scope(to%options, c_scope%text))
        call check(c_options_set_proxy(to%options, c_proxy%text))
        call check(c_options_set_credential_files(to%options, c_id_file%text, c_secret_file%text))
        ! C has no sign there: a number below zero would be a long time.
        if (present(timeout_ms)) call check(c_options_set_timeout_ms(to%options, max(timeout_ms, 0)))
    contains
        ! C would take what stands before a NUL for the whole.
        recursive subroutine convert(name, text, c_text)
            character(*), intent(in) :: name
            character(*), intent(in), optional :: text
            type(own_text), intent(out) :: c_text

            call to_c(text, c_text)
            if (to%status /= SM_OK .or. .not. holds_nul(text)) return
            to%status = SM_ERROR_INVALID_ARGUMENT
            to%why%text = name//' holds a NUL character'
        end subroutine

        ! The first setter that refuses counts, in the library's own words.
        recursive subroutine check(came_to)
            integer(c_int32_t), intent(in) :: came_to

            if (to%status /= SM_OK .or. came_to == SM_OK) return
            to%status = came_to
            to%why%text = from_c(c_options_message(to%options))
        end subroutine
    end subroutine

    ! ---- texts --------------------------------------------------------------------------------

    !> Whether the same call may succeed later without any change, judged by its status alone, as after
    !> sm_fetch; what a client reports knows more of SM_ERROR_PROXY and SM_ERROR_TLS.
    recursive pure function sm_status_is_retryable(status) result(retryable)
        integer(c_int32_t), intent(in) :: status
        logical :: retryable

        retryable = c_status_is_retryable(status) /= 0
    end function

    !> What a status means, in one fixed sentence.
    recursive function sm_status_text(status) result(text)
        integer(c_int32_t), intent(in) :: status
        character(c_strlen(c_status_message(status))) :: text

        text = from_c(c_status_message(status))
    end function

    !> The version of the C library that runs, as "MAJOR.MINOR.PATCH".
    recursive function sm_version_text() result(text)
        character(c_strlen(c_version())) :: text

        text = from_c(c_version())
    end function

    ! ---- errors -------------------------------------------------------------------------------

    ! Reads an error and frees it. There is none after a success, of which this tells nothing.
    recursive subroutine take(error, message, retryable, retry_after_ms)
        type(c_ptr), intent(in) :: error
        type(own_text), intent(out) :: message
        logical, intent(out), optional :: retryable
        integer(c_int64_t), intent(out), optional :: retry_after_ms

        message%text = from_c(c_error_message(error))
        if (present(retryable)) retryable = c_error_is_retryable(error) /= 0
        if (present(retry_after_ms)) retry_after_ms = c_error_retry_after_ms(error)
        call c_error_free(error)
    end subroutine

    ! As ALLOCATE: without `stat` a failure ends the program. `errmsg` is set by whoever has it, because
    ! gfortran loses the length of an optional text that is handed on.
    recursive subroutine settle(status, message, stat)
        integer(c_int32_t), intent(in) :: status
        character(*), intent(in) :: message
        integer(c_int32_t), intent(out), optional :: stat

        if (present(stat)) then
            stat = status
        else if (status /= SM_OK) then
            error stop 'sm_token: '//trim(message)
        end if
    end subroutine

    ! ---- between Fortran and C ----------------------------------------------------------------

    ! The text without its blanks, a NUL behind it; not allocated, hence NULL, where nothing is left of it.
    recursive subroutine to_c(text, c_text)
        character(*), intent(in), optional :: text
        type(own_text), intent(out) :: c_text

        if (.not. present(text)) return
        if (text /= '') c_text%text = trim(text)//c_null_char
    end subroutine

    recursive pure function holds_nul(text)
        character(*), intent(in), optional :: text
        logical :: holds_nul

        holds_nul = .false.
        if (present(text)) holds_nul = index(text, c_null_char) > 0
    end function

    ! Its length is its own, and not deferred: see own_text.
    recursive function from_c(at) result(text)
        type(c_ptr), intent(in) :: at
        character(c_strlen(at)) :: text
        character(kind=c_char), pointer :: bytes(:)
        integer :: place

        call c_f_pointer(at, bytes, [len(text)])
        do place = 1, len(text)
            text(place:place) = bytes(place)
        end do
    end function

    recursive pure function length_of(text) result(length)
        character(*), intent(in), optional :: text
        integer(c_int32_t) :: length

        length = 0
        if (present(text)) length = len(text, c_int32_t)
    end function
end module
