!> Gets and keeps access tokens for the Standard Metrics API, over the C library sm_token.
!>
!> Every procedure that can fail takes `stat` and `errmsg`, as ALLOCATE does: `stat` is SM_OK (0) or one of
!> the SM_ERROR_ constants, `errmsg` says what happened and what to do. Without `stat` a failure ends the
!> program with that message.
!>
!> Text is UTF-8. Blanks at the end of what goes in are dropped, and what is empty then means the default:
!> the credentials of SMX_CLIENT_ID and SMX_CLIENT_SECRET, the service of SMX_BASE_URL or the vendor's own,
!> the system's trust store.
module sm_token
    use, intrinsic :: iso_c_binding, only: c_associated, c_char, c_f_pointer, c_int32_t, c_int64_t, &
        c_null_char, c_null_ptr, c_ptr, c_size_t
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

    !> Bytes that hold any field.
    integer, parameter, public :: SM_AUTHORIZATION_SIZE = 16391

    public :: sm_fetch, sm_fetch_into, sm_status_text, sm_version_text

    !> What a client tells about its token. `expires_at` is in seconds of Unix time, `expires_in` in seconds
    !> from when the client was asked.
    type, public :: sm_access_token
        character(:), allocatable :: access_token
        character(:), allocatable :: token_type
        character(:), allocatable :: scope
        integer(c_int64_t) :: expires_at = 0
        integer(c_int64_t) :: expires_in = 0
    end type

    !> A client that keeps a valid token. It is freed when it goes out of scope, which a variable of the
    !> main program never does, or by `close`. It can't be copied.
    type, public :: sm_client
        private
        type(c_ptr) :: handle = c_null_ptr
    contains
        procedure :: open => open_client
        procedure :: authorization => client_authorization
        procedure :: token => client_token
        procedure :: invalidate => client_invalidate
        procedure :: shutdown => client_shutdown
        procedure :: close => close_client
        procedure, private :: refuse_copy
        generic :: assignment(=) => refuse_copy
        final :: finalize_client
    end type

    ! The C functions, in the order of sm_token.h. An argument that is absent is NULL.
    interface
        pure function c_status_message(status) bind(c, name='sm_status_message') result(text)
            import :: c_int32_t, c_ptr
            integer(c_int32_t), value :: status
            type(c_ptr) :: text
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

        function c_client_token(client, token, error) bind(c, name='sm_client_token') result(status)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: client
            type(c_ptr), intent(out) :: token
            type(c_ptr), intent(out) :: error
            integer(c_int32_t) :: status
        end function

        function c_client_authorization(client, buffer, capacity, length, error) &
                bind(c, name='sm_client_authorization') result(status)
            import :: c_char, c_int32_t, c_ptr, c_size_t
            type(c_ptr), value :: client
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

        subroutine c_client_shutdown(client) bind(c, name='sm_client_shutdown')
            import :: c_ptr
            type(c_ptr), value :: client
        end subroutine

        subroutine c_client_free(client) bind(c, name='sm_client_free')
            import :: c_ptr
            type(c_ptr), value :: client
        end subroutine

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
    subroutine sm_fetch(text, stat, errmsg, client_id, client_secret, base_url, ca_file, field, expires_at)
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
        if (status == SM_OK) text = out(:length)
        if (present(errmsg) .and. status /= SM_OK) errmsg = trim(error_text)
        call settle(status, error_text, stat)
    end subroutine

    !> As sm_fetch, with text of fixed lengths, padded with blanks; `length` counts `out` without them.
    subroutine sm_fetch_into(out, length, stat, error_text, client_id, client_secret, base_url, ca_file, &
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
    subroutine open_client(self, client_id, client_secret, base_url, ca_file, scope, proxy, timeout_ms, &
            stat, errmsg)
        class(sm_client), intent(inout) :: self
        character(*), intent(in), optional :: client_id, client_secret, base_url, ca_file, scope, proxy
        integer(c_int32_t), intent(in), optional :: timeout_ms
        integer(c_int32_t), intent(out), optional :: stat
        character(:), allocatable, intent(out), optional :: errmsg
        character(:), allocatable :: c_id, c_secret, c_base_url, c_ca_file, c_scope, c_proxy, why
        type(c_ptr) :: options, error
        integer(c_int32_t) :: status

        call self%close()
        call to_c(client_id, c_id)
        call to_c(client_secret, c_secret)
        call to_c(base_url, c_base_url)
        call to_c(ca_file, c_ca_file)
        call to_c(scope, c_scope)
        call to_c(proxy, c_proxy)

        options = c_options_new()
        status = SM_OK
        call check(c_options_set_base_url(options, c_base_url), 'base_url')
        call check(c_options_set_ca_file(options, c_ca_file), 'ca_file')
        call check(c_options_set_scope(options, c_scope), 'scope')
        call check(c_options_set_proxy(options, c_proxy), 'proxy')
        if (present(timeout_ms)) call check(c_options_set_timeout_ms(options, timeout_ms), 'timeout_ms')
        if (status == SM_OK) then
            status = c_client_new(c_id, c_secret, options, self%handle, error)
            call take(error, why)
        end if
        call c_options_free(options)
        if (present(errmsg) .and. status /= SM_OK) errmsg = why
        call settle(status, why, stat)
    contains
        ! A setter says no more than a status; the first that is not SM_OK counts.
        subroutine check(came_to, name)
            integer(c_int32_t), intent(in) :: came_to
            character(*), intent(in) :: name

            if (status /= SM_OK .or. came_to == SM_OK) return
            status = came_to
            why = name//': '//sm_status_text(came_to)
        end subroutine
    end subroutine

    !> The current "Bearer TOKEN", fetched or renewed where it must be; most calls only copy it from memory.
    subroutine client_authorization(self, text, stat, errmsg, retryable, retry_after_ms)
        class(sm_client), intent(in) :: self
        character(:), allocatable, intent(out) :: text
        integer(c_int32_t), intent(out), optional :: stat
        character(:), allocatable, intent(out), optional :: errmsg
        logical, intent(out), optional :: retryable
        integer(c_int64_t), intent(out), optional :: retry_after_ms
        character(SM_AUTHORIZATION_SIZE + 1) :: buffer
        character(:), allocatable :: why
        integer(c_size_t) :: length
        type(c_ptr) :: error
        integer(c_int32_t) :: status

        status = c_client_authorization(self%handle, buffer, len(buffer, c_size_t), length, error)
        if (status == SM_OK) text = buffer(:length)
        call take(error, why, retryable, retry_after_ms)
        if (present(errmsg) .and. status /= SM_OK) errmsg = why
        call settle(status, why, stat)
    end subroutine

    !> The current token and all about it.
    subroutine client_token(self, token, stat, errmsg, retryable, retry_after_ms)
        class(sm_client), intent(in) :: self
        type(sm_access_token), intent(out) :: token
        integer(c_int32_t), intent(out), optional :: stat
        character(:), allocatable, intent(out), optional :: errmsg
        logical, intent(out), optional :: retryable
        integer(c_int64_t), intent(out), optional :: retry_after_ms
        character(:), allocatable :: why
        type(c_ptr) :: handle, error
        integer(c_int32_t) :: status

        status = c_client_token(self%handle, handle, error)
        if (status == SM_OK) then
            token%access_token = from_c(c_token_access_token(handle))
            token%token_type = from_c(c_token_type(handle))
            token%scope = from_c(c_token_scope(handle))
            token%expires_at = c_token_expires_at(handle)
            token%expires_in = c_token_expires_in(handle)
        end if
        call c_token_free(handle)
        call take(error, why, retryable, retry_after_ms)
        if (present(errmsg) .and. status /= SM_OK) errmsg = why
        call settle(status, why, stat)
    end subroutine

    !> After a 401: drops the token that was refused, given as it was sent or without "Bearer ", if it is
    !> still the current one. Without one drops whichever is current, and forgets a remembered failure.
    subroutine client_invalidate(self, authorization)
        class(sm_client), intent(in) :: self
        character(*), intent(in), optional :: authorization
        character(:), allocatable :: c_authorization

        call to_c(authorization, c_authorization)
        call c_client_invalidate_authorization(self%handle, c_authorization)
    end subroutine

    !> Lets every thread that waits for this client go, and refuses later calls with SM_ERROR_CANCELED.
    subroutine client_shutdown(self)
        class(sm_client), intent(in) :: self

        call c_client_shutdown(self%handle)
    end subroutine

    subroutine close_client(self)
        class(sm_client), intent(inout) :: self

        call c_client_free(self%handle)
        self%handle = c_null_ptr
    end subroutine

    subroutine finalize_client(self)
        type(sm_client), intent(inout) :: self

        call self%close()
    end subroutine

    ! Two variables with one handle would free it twice.
    subroutine refuse_copy(to, from)
        class(sm_client), intent(inout) :: to
        class(sm_client), intent(in) :: from

        if (c_associated(to%handle) .or. c_associated(from%handle)) error stop 'sm_token: a client can not be copied'
    end subroutine

    ! ---- texts --------------------------------------------------------------------------------

    !> What a status means, in one fixed sentence.
    function sm_status_text(status) result(text)
        integer(c_int32_t), intent(in) :: status
        character(c_strlen(c_status_message(status))) :: text

        text = from_c(c_status_message(status))
    end function

    !> The version of the C library that runs, as "MAJOR.MINOR.PATCH".
    function sm_version_text() result(text)
        character(c_strlen(c_version())) :: text

        text = from_c(c_version())
    end function

    ! ---- errors -------------------------------------------------------------------------------

    ! Reads an error and frees it. There is none after a success, of which this tells nothing.
    subroutine take(error, message, retryable, retry_after_ms)
        type(c_ptr), intent(in) :: error
        character(:), allocatable, intent(out) :: message
        logical, intent(out), optional :: retryable
        integer(c_int64_t), intent(out), optional :: retry_after_ms

        message = from_c(c_error_message(error))
        if (present(retryable)) retryable = c_error_is_retryable(error) /= 0
        if (present(retry_after_ms)) retry_after_ms = c_error_retry_after_ms(error)
        call c_error_free(error)
    end subroutine

    ! As ALLOCATE: without `stat` a failure ends the program. `errmsg` is set by whoever has it, because
    ! gfortran loses the length of an optional text that is handed on.
    subroutine settle(status, message, stat)
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
    subroutine to_c(text, c_text)
        character(*), intent(in), optional :: text
        character(:), allocatable, intent(out) :: c_text

        if (.not. present(text)) return
        if (text /= '') c_text = trim(text)//c_null_char
    end subroutine

    ! Its length is its own: for a deferred one gfortran keeps a variable that all threads share.
    function from_c(at) result(text)
        type(c_ptr), intent(in) :: at
        character(c_strlen(at)) :: text
        character(kind=c_char), pointer :: bytes(:)
        integer :: place

        call c_f_pointer(at, bytes, [len(text)])
        do place = 1, len(text)
            text(place:place) = bytes(place)
        end do
    end function

    pure function length_of(text) result(length)
        character(*), intent(in), optional :: text
        integer(c_int32_t) :: length

        length = 0
        if (present(text)) length = len(text, c_int32_t)
    end function
end module
