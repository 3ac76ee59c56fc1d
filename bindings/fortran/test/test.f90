!> Tests the module against the real server, with thirteen token requests, which `check` counts, and against one
!> that misbehaves.
!>
!>     test               # all that a program outlives
!>     test copies        # what becomes of copies and of arrays, without any request
!>     test assign        # what ends it, without any request
!>     test assign_array
!>     test without_stat
program test
    use, intrinsic :: iso_c_binding, only: c_int32_t, c_int64_t
    use sm_token
    implicit none
    integer, parameter :: SIZE = 1024
    integer(c_int64_t), parameter :: YEAR_2023 = 1700000000, YEAR_2100 = 4102444800_c_int64_t
    integer :: failures = 0
    character(SIZE) :: id, secret, odd_id, odd_secret, ca_file, misbehaving, files, part

    call get_command_argument(1, part)
    select case (part)
    case ('copies')
        call copies()
        if (failures > 0) stop 1, quiet=.true.
        stop
    case ('assign')
        call assign()
    case ('assign_array')
        call assign_array()
    case ('without_stat')
        call without_stat()
    end select

    call get_environment_variable('SMX_CLIENT_ID', id)
    call get_environment_variable('SMX_CLIENT_SECRET', secret)
    call get_environment_variable('SM_TOKEN_FILES', files)
    call get_environment_variable('SM_TOKEN_ODD_CLIENT_ID', odd_id)
    call get_environment_variable('SM_TOKEN_ODD_CLIENT_SECRET', odd_secret)
    call get_environment_variable('SM_TOKEN_CA_FILE', ca_file)
    call get_environment_variable('SM_TOKEN_MISBEHAVING_URL', misbehaving)

    call one_call()
    call one_call_with_fixed_lengths()
    call refused_secret()
    call steps_to_a_token()
    call bad_arguments()
    call cached_client()
    call refused_client()
    call client_with_bad_arguments()
    call client_of_the_odd_credentials()
    call credentials_that_change()
    call bounded_waits()
    call server_that_is_away()
    call versions()

    if (failures > 0) stop 1, quiet=.true.

contains

    ! contract: token expiry environment
    subroutine one_call()
        character(:), allocatable :: text, why
        integer(c_int64_t) :: expires_at
        integer(c_int32_t) :: stat

        call sm_fetch(text, stat, why, ca_file=ca_file, expires_at=expires_at)
        call expect(stat == SM_OK, 'one call brings a token', stat, why)
        call expect(is_empty(why), 'after a success the message has no character')
        if (stat /= SM_OK) return
        call expect(index(text, 'Bearer ') == 1 .and. len(text) > 20 .and. len(text) == len_trim(text), &
            'an authorization is as long as it is')
        call expect(expires_at > YEAR_2023 .and. expires_at < YEAR_2100, 'its expiry is a time of this century')
    end subroutine

    ! The credentials are full of reserved and accented characters.
    subroutine one_call_with_fixed_lengths()
        character(40) :: out
        character(200) :: why
        integer(c_int32_t) :: stat, length

        call sm_fetch_into(out, length, stat, why, odd_id, odd_secret, ca_file=ca_file, field=SM_FIELD_SCOPE)
        call expect(stat == SM_OK .and. out == 'all read write' .and. length == 14 .and. why == '', &
            'text of a fixed length is padded', stat, why)
    end subroutine

    ! contract: refused no-secret
    subroutine refused_secret()
        character(:), allocatable :: text, why
        integer(c_int32_t) :: stat

        call sm_fetch(text, stat, why, id, 'this-secret-is-refused', ca_file=ca_file)
        call expect(stat == SM_ERROR_INVALID_CLIENT .and. is_empty(text), &
            'a refused secret has its own status', stat, why)
        call expect(says(why, 'check client_id and client_secret'), 'a refusal says what to do', stat, why)
        call expect(index(why, 'this-secret-is-refused') == 0, 'a refusal does not show the secret')
    end subroutine

    ! contract: check
    subroutine steps_to_a_token()
        character(*), parameter :: NAMES = &
            'credentials;base URL;proxy;name;connection;TLS;certificate;clock;answer;'
        type(sm_check_step), allocatable :: steps(:)
        character(:), allocatable :: why
        integer(c_int32_t) :: stat
        integer :: number

        call sm_check(steps, stat, why, ca_file=ca_file)
        call expect(stat == SM_OK .and. is_empty(why), 'a check of the real server succeeds', stat, why)
        call expect(names_of(steps) == NAMES, 'a check takes every step in order', why=names_of(steps))
        call expect(all(steps%verdict == SM_CHECK_OK), 'every step to the real server is right')
        do number = 1, ubound(steps, 1)
            call expect(len(steps(number)%text) > 0, 'a step tells what is')
        end do

        call sm_check(steps, stat, why, id, 'this-secret-is-refused', ca_file=ca_file)
        call expect(stat == SM_ERROR_INVALID_CLIENT .and. says(why, 'client_secret'), &
            'a check fails for what is wrong with a step', stat, why)
        call expect(names_of(steps) == NAMES, 'the steps are there after a failure', why=names_of(steps))
        call expect(all((steps%verdict == SM_CHECK_WRONG) .eqv. [(number == 9, number=1, 9)]), &
            'the answer alone is wrong')
        call expect(len(steps(9)%advice) > 0, 'a step that is wrong tells what to do')

        call sm_check(steps, stat, why, base_url='ftp://example.com')
        call expect(stat == SM_ERROR_INVALID_ARGUMENT .and. ubound(steps, 1) == 0, &
            'an argument that is refused is no step', stat, why)
    end subroutine

    function names_of(steps) result(names)
        type(sm_check_step), intent(in) :: steps(:)
        character(:), allocatable :: names
        integer :: number

        names = ''
        do number = 1, ubound(steps, 1)
            names = names//steps(number)%name//';'
        end do
    end function

    ! contract: half-credentials authorization-whole not-text
    subroutine bad_arguments()
        character(:), allocatable :: text, why
        character(4) :: small
        character(30) :: short
        integer(c_int32_t) :: stat, length

        call sm_fetch(text, stat, why, base_url='ftp://example.com')
        call expect(stat == SM_ERROR_INVALID_ARGUMENT .and. begins(why, 'base_url'), &
            'a bad argument is named', stat, why)
        call sm_fetch(text, stat, why, client_id='an id alone')
        call expect(stat == SM_ERROR_INVALID_ARGUMENT .and. begins(why, 'client_secret'), &
            'half of the credentials is a bad argument', stat, why)
        call sm_fetch(text, stat, why, client_id='id', client_secret=char(233))
        call expect(stat == SM_ERROR_INVALID_ARGUMENT .and. begins(why, 'client_secret'), &
            'a secret that is not UTF-8 is refused', stat, why)
        call sm_fetch(text, stat, why, client_id='id', client_secret='half'//char(0)//'of it')
        call expect(stat == SM_ERROR_INVALID_ARGUMENT .and. begins(why, 'client_secret'), &
            'a secret is not cut at a NUL', stat, why)
        call sm_fetch_into(small, length, stat, short, ca_file=ca_file)
        call expect(stat == SM_ERROR_BUFFER_TOO_SMALL .and. length > 20 .and. small == '', &
            'what does not fit is not cut', stat, short)
    end subroutine

    ! contract: cached invalidate invalidate-old invalidate-all shutdown
    subroutine cached_client()
        type(sm_client) :: client
        type(sm_access_token) :: token
        character(:), allocatable :: first, second, why
        integer(c_int32_t) :: stat

        call client%open(ca_file=ca_file, stat=stat, errmsg=why)
        call expect(stat == SM_OK .and. is_empty(why), 'a client opens', stat, why)
        call client%authorization(first, stat, why)
        call expect(stat == SM_OK .and. is_empty(why), 'a client gives an authorization', stat, why)
        if (stat /= SM_OK) return
        call client%authorization(second, stat, why)
        call expect(index(first, 'Bearer ') == 1 .and. first == second, &
            'a client gives the same token twice', stat, why)

        call client%token(token, stat, why)
        call expect(is_empty(why), 'a client that gives its token says nothing')
        call expect('Bearer '//token%access_token == first .and. token%token_type == 'Bearer' .and. &
            token%scope == 'all read write', 'a client tells all about its token', stat, why)
        call expect(token%expires_in > 3500 .and. token%expires_in <= 3600 .and. &
            token%expires_at > YEAR_2023 .and. token%expires_at < YEAR_2100, 'a client tells the expiry')

        call client%invalidate(first)
        call client%authorization(second, stat, why)
        call expect(stat == SM_OK .and. first /= second, 'an invalidated token is replaced', stat, why)

        call client%invalidate('Bearer '//char(0))
        call client%invalidate(first)
        call client%authorization(first, stat, why)
        call expect(first == second, 'what is no longer current is not dropped', stat, why)
        call client%invalidate()
        call client%authorization(second, stat, why)
        call expect(first /= second, 'without a text whichever is current is dropped', stat, why)

        call client%shutdown()
        call client%authorization(second, stat, why)
        call expect(stat == SM_ERROR_CANCELED, 'a client that was shut down says so', stat, why)
        call client%close()
        call client%authorization(second, stat, why)
        call expect(stat == SM_ERROR_INVALID_ARGUMENT .and. is_empty(second), &
            'a closed client is a bad argument', stat, why)
        call client%token(token, stat, why)
        call expect(is_empty(token%access_token) .and. is_empty(token%token_type) .and. is_empty(token%scope), &
            'after a failure a token has no character', stat, why)
    end subroutine

    ! contract: remembered
    subroutine refused_client()
        type(sm_client) :: client
        character(:), allocatable :: text, why
        integer(c_int64_t) :: retry_after_ms
        integer(c_int32_t) :: stat
        logical :: retryable

        call client%open(id, 'this-secret-is-refused', ca_file=ca_file)
        call client%authorization(text, stat, why)
        call client%authorization(text, stat, why, retryable, retry_after_ms)
        call expect(stat == SM_ERROR_INVALID_CLIENT .and. .not. retryable .and. &
            retry_after_ms > 50000 .and. retry_after_ms <= 60000 .and. &
            says(why, 'check client_id and client_secret'), 'a client remembers its refusal', stat, why)
    end subroutine

    ! contract: option-reason insecure-url trust-roots number-range
    subroutine client_with_bad_arguments()
        type(sm_client) :: client
        character(:), allocatable :: why
        integer(c_int32_t) :: stat

        call client%open(base_url='http://example.com', stat=stat, errmsg=why)
        call expect(stat == SM_ERROR_INSECURE_URL .and. begins(why, 'base_url would send'), &
            'a URL must be secure', stat, why)
        call client%open(timeout_ms=0, stat=stat, errmsg=why)
        call expect(stat == SM_ERROR_INVALID_ARGUMENT .and. begins(why, 'timeout is not between'), &
            'a timeout must be positive', stat, why)
        call client%open(timeout_ms=-5, stat=stat, errmsg=why)
        call expect(stat == SM_ERROR_INVALID_ARGUMENT .and. begins(why, 'timeout is not between'), &
            'a timeout below zero is refused', stat, why)
        call client%open('id', 'half'//char(0)//'of it', stat=stat, errmsg=why)
        call expect(stat == SM_ERROR_INVALID_ARGUMENT .and. begins(why, 'client_secret holds a NUL'), &
            'a client does not cut its secret at a NUL', stat, why)
        call client%open(proxy='gopher://proxy', stat=stat, errmsg=why)
        call expect(stat == SM_ERROR_INVALID_ARGUMENT .and. begins(why, 'proxy has a scheme'), &
            'a proxy must be one', stat, why)
        call client%open(ca_file='/nowhere/at/all.pem', stat=stat, errmsg=why)
        call expect(stat == SM_ERROR_NO_TRUST_ROOTS .and. says(why, '/nowhere/at/all.pem'), &
            'a CA file must be there', stat, why)
    end subroutine

    ! contract: odd-text option-sent
    subroutine client_of_the_odd_credentials()
        type(sm_client) :: client
        type(sm_access_token) :: token
        character(:), allocatable :: why
        integer(c_int32_t) :: stat

        call client%open(odd_id, odd_secret, ca_file=ca_file, scope='read', timeout_ms=20000)
        call client%token(token, stat, why)
        call expect(stat == SM_OK, 'reserved and accented characters pass', stat, why)
        if (stat == SM_OK) call expect(token%scope == 'read', 'a client asks for its scope')
    end subroutine

    ! The files count before the environment, whose secret is the right one.
    subroutine credentials_that_change()
        type(sm_client) :: client
        character(:), allocatable :: text, why
        integer(c_int32_t) :: stat

        call client%open(ca_file=ca_file, client_id_file=trim(files)//'/client_id', stat=stat, errmsg=why)
        call expect(stat == SM_ERROR_INVALID_ARGUMENT, 'one file without the other is refused', stat, why)
        call client%open(ca_file=ca_file, client_id_file=trim(files)//'/client_id', &
            client_secret_file=trim(files)//'/refused_secret')
        call client%authorization(text, stat, why)
        call expect(stat == SM_ERROR_INVALID_CLIENT, 'credentials come from files', stat, why)
        call client%set_credentials(id, '', stat, why)
        call expect(stat == SM_ERROR_INVALID_ARGUMENT .and. says(why, 'client_secret'), &
            'half of the credentials is not set', stat, why)
        call client%set_credentials(id, 'half'//char(0)//'of it', stat, why)
        call expect(stat == SM_ERROR_INVALID_ARGUMENT .and. begins(why, 'client_secret holds a NUL'), &
            'nor is what holds a NUL', stat, why)
        call client%set_credentials(id, secret)
        call client%authorization(text, stat, why)
        call expect(stat == SM_OK, 'other credentials are used at once', stat, why)
    end subroutine

    ! One server answers after 0.3 s, one never. The text is that of the wait, not of the timeout.
    ! contract: wait-bounded
    subroutine bounded_waits()
        character(*), parameter :: END_OF_WAIT = 'no token came within the wait'
        type(sm_client) :: client
        type(sm_access_token) :: token
        character(:), allocatable :: text, why
        integer(c_int64_t) :: retry_after_ms
        integer(c_int32_t) :: stat
        logical :: retryable

        call client%open(base_url=trim(misbehaving)//'/slow-token', ca_file=ca_file)
        call client%authorization(text, stat, why, wait_ms=0)
        call client%authorization(text, stat, why)
        call expect(stat == SM_OK .and. index(text, 'Bearer ') == 1, 'the request goes on for the next call', stat, why)

        call client%open(base_url=trim(misbehaving)//'/hang-before-headers', ca_file=ca_file)
        call client%authorization(text, stat, why, retryable, retry_after_ms, wait_ms=0)
        call expect(stat == SM_ERROR_TIMEOUT .and. retryable .and. retry_after_ms == -1 .and. begins(why, END_OF_WAIT), &
            'a wait of 0 starts a request and returns', stat, why)
        call client%token(token, stat, why, retryable, retry_after_ms, wait_ms=200)
        call expect(stat == SM_ERROR_TIMEOUT .and. retryable .and. retry_after_ms == -1 .and. begins(why, END_OF_WAIT), &
            'a wait for a token is bounded', stat, why)
        call client%authorization(text, stat, why, wait_ms=-2)
        call expect(stat == SM_ERROR_INVALID_ARGUMENT .and. begins(why, 'wait_ms'), &
            'a wait below -1 is refused', stat, why)
        call client%open(base_url=trim(misbehaving)//'/hang-before-headers', ca_file=ca_file, timeout_ms=300)
        call client%authorization(text, stat, why)
        call expect(stat == SM_ERROR_TIMEOUT .and. begins(why, 'timed out after 0.3 s'), &
            'else the timeout of the client bounds it', stat, why)
    end subroutine

    ! Port 1 refuses: the status alone tells what a client reports.
    subroutine server_that_is_away()
        type(sm_client) :: client
        character(:), allocatable :: text, why
        integer(c_int32_t) :: stat
        logical :: retryable

        call client%open('id', 'secret', base_url='http://127.0.0.1:1')
        call client%authorization(text, stat, why, retryable)
        call expect(stat == SM_ERROR_CONNECT .and. retryable, 'a refused connection is retryable', stat, why)
        call sm_fetch(text, stat, why, 'id', 'secret', base_url='http://127.0.0.1:1')
        call expect(stat == SM_ERROR_CONNECT .and. sm_status_is_retryable(stat), 'so says its status', stat, why)
        call expect(.not. sm_status_is_retryable(SM_ERROR_INVALID_CLIENT), 'a refusal is not')
    end subroutine

    ! ALLOCATE copies without a word to the client. What is freed, and how often, `check` sees.
    subroutine copies()
        type(sm_client), allocatable :: client, duplicate, moved
        type(sm_client) :: several(2)
        class(*), allocatable :: anything
        type(sm_access_token) :: token
        character(:), allocatable :: text, why
        integer(c_int32_t) :: stat

        allocate (client)
        call client%open('id', 'secret', base_url='http://127.0.0.1:1')
        call several(1)%open('id', 'secret')
        call several(2)%open('id', 'secret')
        allocate (duplicate, source=client)
        allocate (anything, source=client)
        call duplicate%authorization(text, stat, why)
        call expect(stat == SM_ERROR_INVALID_ARGUMENT .and. begins(why, 'this is a copy of a client'), &
            'a copy is refused', stat, why)
        call duplicate%invalidate()
        call duplicate%shutdown()
        call client%authorization(text, stat, why)
        call expect(stat == SM_ERROR_CONNECT, 'the original is not touched', stat, why)

        call move_alloc(client, moved)
        call moved%authorization(text, stat, why)
        call expect(stat == SM_ERROR_CONNECT, 'a client can be moved', stat, why)
        deallocate (moved)
        call duplicate%token(token, stat, why)
        call expect(stat == SM_ERROR_INVALID_ARGUMENT .and. begins(why, 'this is a copy of a client'), &
            'a copy is refused once the original is gone', stat, why)
        call duplicate%open('id', 'secret', base_url='http://127.0.0.1:1')
        call duplicate%authorization(text, stat, why)
        call expect(stat == SM_ERROR_CONNECT, 'a copy can be opened', stat, why)
    end subroutine

    subroutine assign()
        type(sm_client) :: client, other

        call client%open('id', 'secret')
        other = client
    end subroutine

    subroutine assign_array()
        type(sm_client) :: clients(2), others(2)

        call clients(2)%open('id', 'secret')
        others = clients
    end subroutine

    subroutine without_stat()
        type(sm_client) :: client

        call client%open(base_url='ftp://example.com')
    end subroutine

    ! contract: version
    subroutine versions()
        call expect(index(sm_version_text(), '.') > 0, 'the library tells its version')
        call expect(sm_status_text(SM_ERROR_TIMEOUT) /= sm_status_text(SM_ERROR_DNS), 'a status has a text of its own')
    end subroutine

    logical function is_empty(text)
        character(:), allocatable, intent(in) :: text

        is_empty = .false.
        if (allocated(text)) is_empty = len(text) == 0
    end function

    ! A message has an end of its own.
    logical function says(why, text)
        character(*), intent(in) :: why, text

        says = index(why, text) > 0 .and. len(why) == len_trim(why) .and. len(why) < 400
    end function

    logical function begins(why, text)
        character(*), intent(in) :: why, text

        begins = says(why, text) .and. index(why, text) == 1
    end function

    subroutine expect(true, name, stat, why)
        logical, intent(in) :: true
        character(*), intent(in) :: name
        integer(c_int32_t), intent(in), optional :: stat
        character(*), intent(in), optional :: why

        if (true) then
            print '(2a)', 'ok ', name
            return
        end if
        failures = failures + 1
        print '(2a)', 'FAILED ', name
        if (present(stat)) print '(a, i0)', '    status ', stat
        if (present(why)) print '(2a)', '    ', trim(why)
    end subroutine
end program
