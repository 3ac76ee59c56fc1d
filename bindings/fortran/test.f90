!> Tests the module against the real server, with eight token requests, which `check` counts.
!>
!>     test               # all that a program outlives
!>     test copy          # what ends it, without any request
!>     test without_stat
program test
    use, intrinsic :: iso_c_binding, only: c_int32_t, c_int64_t
    use sm_token
    implicit none
    integer, parameter :: SIZE = 1024
    integer(c_int64_t), parameter :: YEAR_2023 = 1700000000, YEAR_2100 = 4102444800_c_int64_t
    integer :: failures = 0
    character(SIZE) :: id, odd_id, odd_secret, ca_file, ending

    call get_command_argument(1, ending)
    if (ending == 'copy') call copy()
    if (ending == 'without_stat') call without_stat()

    call get_environment_variable('SMX_CLIENT_ID', id)
    call get_environment_variable('SM_TOKEN_ODD_CLIENT_ID', odd_id)
    call get_environment_variable('SM_TOKEN_ODD_CLIENT_SECRET', odd_secret)
    call get_environment_variable('SM_TOKEN_CA_FILE', ca_file)

    call one_call()
    call one_call_with_fixed_lengths()
    call refused_secret()
    call bad_arguments()
    call cached_client()
    call refused_client()
    call client_with_bad_arguments()
    call client_of_the_odd_credentials()
    call versions()

    if (failures > 0) stop 1, quiet=.true.

contains

    subroutine one_call()
        character(:), allocatable :: text, why
        integer(c_int64_t) :: expires_at
        integer(c_int32_t) :: stat

        call sm_fetch(text, stat, why, ca_file=ca_file, expires_at=expires_at)
        call expect(stat == SM_OK .and. .not. allocated(why), 'one call brings a token', stat, why)
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

    subroutine refused_secret()
        character(:), allocatable :: text, why
        integer(c_int32_t) :: stat

        call sm_fetch(text, stat, why, id, 'wrong', ca_file=ca_file)
        call expect(stat == SM_ERROR_INVALID_CLIENT .and. .not. allocated(text), &
            'a refused secret has its own status', stat, why)
        call expect(says(why, 'check client_id and client_secret'), 'a refusal says what to do', stat, why)
    end subroutine

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
        call sm_fetch_into(small, length, stat, short, ca_file=ca_file)
        call expect(stat == SM_ERROR_BUFFER_TOO_SMALL .and. length > 20 .and. small == '', &
            'what does not fit is not cut', stat, short)
    end subroutine

    subroutine cached_client()
        type(sm_client) :: client
        type(sm_access_token) :: token
        character(:), allocatable :: first, second, why
        integer(c_int32_t) :: stat

        call client%open(ca_file=ca_file, stat=stat, errmsg=why)
        call expect(stat == SM_OK, 'a client opens', stat, why)
        call client%authorization(first, stat, why)
        call expect(stat == SM_OK, 'a client gives an authorization', stat, why)
        if (stat /= SM_OK) return
        call client%authorization(second, stat, why)
        call expect(index(first, 'Bearer ') == 1 .and. first == second, &
            'a client gives the same token twice', stat, why)

        call client%token(token, stat, why)
        call expect('Bearer '//token%access_token == first .and. token%token_type == 'Bearer' .and. &
            token%scope == 'all read write', 'a client tells all about its token', stat, why)
        call expect(token%expires_in > 3500 .and. token%expires_in <= 3600 .and. &
            token%expires_at > YEAR_2023 .and. token%expires_at < YEAR_2100, 'a client tells the expiry')

        call client%invalidate(first)
        call client%authorization(second, stat, why)
        call expect(stat == SM_OK .and. first /= second, 'an invalidated token is replaced', stat, why)

        call client%shutdown()
        call client%authorization(second, stat, why)
        call expect(stat == SM_ERROR_CANCELED, 'a client that was shut down says so', stat, why)
        call client%close()
        call client%authorization(second, stat, why)
        call expect(stat == SM_ERROR_INVALID_ARGUMENT, 'a closed client is a bad argument', stat, why)
    end subroutine

    subroutine refused_client()
        type(sm_client) :: client
        character(:), allocatable :: text, why
        integer(c_int64_t) :: retry_after_ms
        integer(c_int32_t) :: stat
        logical :: retryable

        call client%open(id, 'wrong', ca_file=ca_file)
        call client%authorization(text, stat, why)
        call client%authorization(text, stat, why, retryable, retry_after_ms)
        call expect(stat == SM_ERROR_INVALID_CLIENT .and. .not. retryable .and. &
            retry_after_ms > 50000 .and. retry_after_ms <= 60000 .and. &
            says(why, 'check client_id and client_secret'), 'a client remembers its refusal', stat, why)
    end subroutine

    subroutine client_with_bad_arguments()
        type(sm_client) :: client
        character(:), allocatable :: why
        integer(c_int32_t) :: stat

        call client%open(base_url='http://example.com', stat=stat, errmsg=why)
        call expect(stat == SM_ERROR_INSECURE_URL .and. begins(why, 'base_url: '), &
            'a URL must be secure', stat, why)
        call client%open(timeout_ms=0, stat=stat, errmsg=why)
        call expect(stat == SM_ERROR_INVALID_ARGUMENT .and. begins(why, 'timeout_ms: '), &
            'a timeout must be positive', stat, why)
        call client%open(proxy='gopher://proxy', stat=stat, errmsg=why)
        call expect(stat == SM_ERROR_INVALID_ARGUMENT .and. begins(why, 'proxy: '), &
            'a proxy must be one', stat, why)
        call client%open(ca_file='/nowhere/at/all.pem', stat=stat, errmsg=why)
        call expect(stat == SM_ERROR_NO_TRUST_ROOTS .and. says(why, '/nowhere/at/all.pem'), &
            'a CA file must be there', stat, why)
    end subroutine

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

    subroutine copy()
        type(sm_client) :: client, other

        call client%open()
        other = client
    end subroutine

    subroutine without_stat()
        type(sm_client) :: client

        call client%open(base_url='ftp://example.com')
    end subroutine

    subroutine versions()
        call expect(index(sm_version_text(), '.') > 0, 'the library tells its version')
        call expect(sm_status_text(SM_ERROR_TIMEOUT) /= sm_status_text(SM_ERROR_DNS), 'a status has a text of its own')
    end subroutine

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
