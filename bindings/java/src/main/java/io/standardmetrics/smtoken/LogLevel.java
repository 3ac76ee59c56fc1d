package io.standardmetrics.smtoken;

/** How important a log message is; as a setting, the least important that is wanted. */
public enum LogLevel {
    OFF(CApi.SM_LOG_OFF),

    /** A call failed. */
    ERROR(CApi.SM_LOG_ERROR),

    /** Something failed that the library makes up for. */
    WARN(CApi.SM_LOG_WARN),

    /** A token was fetched, refreshed, refused or invalidated. */
    INFO(CApi.SM_LOG_INFO),

    /** Each attempt. */
    DEBUG(CApi.SM_LOG_DEBUG);

    final int value;

    LogLevel(int value) {
        this.value = value;
    }

    static LogLevel of(int value) {
        for (LogLevel level : values()) {
            if (level.value == value) {
                return level;
            }
        }
        return DEBUG;
    }
}
