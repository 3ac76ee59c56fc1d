!> Tests the module from several threads at once, with two token requests, which `check` counts. It compiles
!> the module with -fno-automatic, and this program with -fopenmp.
program threads
    use, intrinsic :: iso_c_binding, only: c_int32_t, c_int64_t
    use sm_token
    implicit none
    integer, parameter :: ROUNDS = 20000
    type(sm_client) :: clients(0:1)
    type(sm_access_token) :: expected(0:1)
    character(1024) :: id, secret, ca_file
    integer :: mixed_up, round

    call get_environment_variable('SM_TOKEN_ODD_CLIENT_ID', id)
    call get_environment_variable('SM_TOKEN_ODD_CLIENT_SECRET', secret)
    call get_environment_variable('SM_TOKEN_CA_FILE', ca_file)
    call clients(0)%open(ca_file=ca_file)
    call clients(1)%open(id, secret, ca_file=ca_file, scope='read')
    call clients(0)%token(expected(0))
    call clients(1)%token(expected(1))

    mixed_up = 0
    !$omp parallel do num_threads(4) reduction(+:mixed_up)
    do round = 1, ROUNDS
        if (.not. is_of_its_own(mod(round, 2))) mixed_up = mixed_up + 1
    end do
    !$omp end parallel do

    call shut_down_a_client_that_waits()

    call clients(0)%close()
    call clients(1)%close()
    print '(i0, a, i0)', mixed_up, ' mixed up of ', ROUNDS
    if (mixed_up > 0) stop 1, quiet=.true.

contains

    ! contract: wait-interrupted
    subroutine shut_down_a_client_that_waits()
        type(sm_client) :: client
        character(1024) :: misbehaving
        character(:), allocatable :: text
        integer(c_int32_t) :: stat
        integer(c_int64_t) :: began, ended, rate

        call get_environment_variable('SM_TOKEN_MISBEHAVING_URL', misbehaving)
        call client%open(base_url=trim(misbehaving)//'/hang-before-headers', ca_file=ca_file, timeout_ms=600000)
        call system_clock(began, rate)
        !$omp parallel sections num_threads(2)
        !$omp section
        call client%authorization(text, stat)
        !$omp section
        call execute_command_line('sleep 0.3')
        call client%shutdown()
        !$omp end parallel sections
        call system_clock(ended)
        if (stat /= SM_ERROR_CANCELED .or. ended - began > 60 * rate) then
            print '(a, i0)', 'FAILED shutdown lets a caller go: status ', stat
            stop 1, quiet=.true.
        end if
        print '(a)', 'ok shutdown lets a caller go that waits'
    end subroutine

    ! Whether each text that a thread gets is that of its client, and of its failure.
    recursive logical function is_of_its_own(which)
        integer, intent(in) :: which
        type(sm_client) :: refused
        type(sm_access_token) :: token
        character(:), allocatable :: text, why
        character(64) :: no_url, no_port
        integer(c_int32_t) :: stat

        no_url = 'ftp://example.com'
        no_port = 'https://example.com:port'
        call clients(which)%authorization(text, stat)
        is_of_its_own = text == 'Bearer '//expected(which)%access_token
        call clients(which)%token(token, stat)
        is_of_its_own = is_of_its_own .and. token%scope == expected(which)%scope
        call refused%open(base_url=merge(no_url, no_port, which == 0), stat=stat, errmsg=why)
        is_of_its_own = is_of_its_own .and. (index(why, 'port') == 0 .eqv. which == 0) .and. &
            sm_status_text(stat) == sm_status_text(SM_ERROR_INVALID_ARGUMENT)
    end function
end program
