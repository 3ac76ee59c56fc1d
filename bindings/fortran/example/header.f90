!> Writes the Authorization header of a request, for a pipe to the program that sends it.
program header
    use, intrinsic :: iso_fortran_env, only: error_unit
    use sm_token
    implicit none
    character(:), allocatable :: authorization, why
    character(1024) :: ca_file
    integer :: stat

    call get_environment_variable('SM_TOKEN_CA_FILE', ca_file)
    call sm_fetch(authorization, stat, why, ca_file=ca_file)
    if (stat /= SM_OK) then
        write (error_unit, '(a)') why
        stop 1, quiet=.true.
    end if
    print '(2a)', 'Authorization: ', authorization
end program
