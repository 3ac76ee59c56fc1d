//! How a call can end.

/// Makes [`Status`] out of `table.rs`.
macro_rules! statuses {
    ($($(#[doc = $doc:literal])+ $status:ident = $number:literal, $name:literal, $retryable:literal, $sentence:literal;)+) => {
        /// How a call ended. The numbers are part of the ABI and never change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(i32)]
        #[non_exhaustive]
        pub enum Status {
            $($(#[doc = $doc])+ $status = $number,)+
        }

        impl Status {
            /// Every status, in the order of its number.
            pub const ALL: [Status; [$($number),+].len()] = [$(Status::$status),+];

            /// The name without its prefix, such as `INVALID_CLIENT`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Status::$status => $name,)+
                }
            }

            /// The sentence of [`Status::message`] with a NUL at its end, for C.
            #[cfg(feature = "capi")]
            pub(crate) const fn message_for_c(self) -> &'static std::ffi::CStr {
                match self {
                    $(Status::$status => const {
                        match std::ffi::CStr::from_bytes_with_nul(concat!($sentence, "\0").as_bytes()) {
                            Ok(text) => text,
                            Err(_) => panic!("a status message holds a NUL"),
                        }
                    },)+
                }
            }

            /// Whether the same call may succeed later without any change, judged by the status alone. `PROXY` and
            /// `TLS` depend on more: [`Error::is_retryable`](crate::Error::is_retryable) decides.
            pub const fn is_retryable(self) -> bool {
                match self {
                    $(Status::$status => $retryable,)+
                }
            }

            /// One fixed sentence about the status.
            pub const fn message(self) -> &'static str {
                match self {
                    $(Status::$status => $sentence,)+
                }
            }
        }
    };
}

include!("table.rs");

impl Status {
    /// The number that the ABI gives this status.
    pub const fn code(self) -> i32 {
        self as i32
    }

    /// The status with this number, where there is one.
    pub fn from_code(code: i32) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_numbers() {
        let codes: Vec<i32> = Status::ALL.into_iter().map(Status::code).collect();
        assert!(codes.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn a_number_leads_back_to_its_status() {
        for status in Status::ALL {
            assert_eq!(Status::from_code(status.code()), Some(status));
        }
        assert_eq!(Status::from_code(7), None);
    }
}
