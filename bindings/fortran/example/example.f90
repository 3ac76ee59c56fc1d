!> Fetches an access token and shows what came with it, the token itself masked.
!>
!>     gfortran src/sm_token.f90 example/example.f90 -lsm_token -o show_token
!>
!> The library takes the credentials from SMX_CLIENT_ID and SMX_CLIENT_SECRET and the service from
!> SMX_BASE_URL where it is set. SM_TOKEN_CA_FILE is this program's own.
program example
    use, intrinsic :: iso_fortran_env, only: error_unit
    use sm_token
    implicit none
    integer :: stat

    call show_token(stat)
    if (stat /= SM_OK) stop 1, quiet=.true.

contains

    subroutine show_token(stat)
        integer, intent(out) :: stat
        type(sm_client) :: client
        type(sm_access_token) :: token
        character(1024) :: ca_file
        character(:), allocatable :: why

        ! Blank where the variable is not set: the default.
        call get_environment_variable('SM_TOKEN_CA_FILE', ca_file)
        call client%open(ca_file=ca_file, stat=stat, errmsg=why)
        if (stat == SM_OK) call client%token(token, stat, why)
        if (stat /= SM_OK) then
            write (error_unit, '(2a)') 'no token: ', why
            return
        end if
        print '(2a)', '  type     ', token%token_type
        print '(2a)', '  scope    ', token%scope
        print '(a, i0, a)', '  expires  in ', token%expires_in, ' seconds'
        print '(3a, i0, a)', '  token    ', token%access_token(:4), '... (', len(token%access_token), &
            ' characters)'
    end subroutine
end program
