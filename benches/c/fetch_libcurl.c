/* One access token with libcurl and cJSON, as a careful C programmer writes it by hand. SM_TOKEN_CA_FILE, else
 * SSL_CERT_FILE, names the certificate authorities, as in the curl program; else libcurl's own default counts. */
#include <cjson/cJSON.h>
#include <curl/curl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 64 * 1024 };

typedef struct {
    char bytes[MOST_BYTES];
    size_t length;
} answer;

static size_t take(char *bytes, size_t size, size_t count, void *user_data)
{
    answer *into = user_data;
    size_t length = size * count;

    if (length > sizeof into->bytes - into->length)
        return 0;
    memcpy(into->bytes + into->length, bytes, length);
    into->length += length;
    return length;
}

static const char *certificate_authorities(void)
{
    const char *file = getenv("SM_TOKEN_CA_FILE");

    return file != NULL ? file : getenv("SSL_CERT_FILE");
}

/* The status of the answer, or 0 where none came. */
static long ask(CURL *curl, const char *url, answer *into)
{
    char why[CURL_ERROR_SIZE] = "";
    long status = 0;

    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(curl, CURLOPT_USERNAME, getenv("SMX_CLIENT_ID"));
    curl_easy_setopt(curl, CURLOPT_PASSWORD, getenv("SMX_CLIENT_SECRET"));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "grant_type=client_credentials");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, into);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    if (certificate_authorities() != NULL)
        curl_easy_setopt(curl, CURLOPT_CAINFO, certificate_authorities());
    if (curl_easy_perform(curl) != CURLE_OK)
        fprintf(stderr, "no answer: %s\n", why);
    else
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static int show_token(const answer *from)
{
    cJSON *json = cJSON_ParseWithLength(from->bytes, from->length);
    const cJSON *token = cJSON_GetObjectItemCaseSensitive(json, "access_token");
    const cJSON *lifetime = cJSON_GetObjectItemCaseSensitive(json, "expires_in");
    int is_token = cJSON_IsString(token) && cJSON_IsNumber(lifetime) && lifetime->valuedouble >= 1;

    if (is_token)
        printf("Bearer %s\n", token->valuestring);
    cJSON_Delete(json);
    return is_token;
}

static int fetch(void)
{
    static answer received;
    char url[1024];
    CURL *curl = curl_easy_init();
    long status;

    if (curl == NULL || getenv("SMX_BASE_URL") == NULL)
        return EXIT_FAILURE;
    snprintf(url, sizeof url, "%s/o/token/", getenv("SMX_BASE_URL"));
    status = ask(curl, url, &received);
    curl_easy_cleanup(curl);
    if (status != 200 || !show_token(&received)) {
        fprintf(stderr, "no token, status %ld\n", status);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    int exit_code;

    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("%s, cJSON/%s\n", curl_version(), cJSON_Version());
        return EXIT_SUCCESS;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return EXIT_FAILURE;
    exit_code = fetch();
    curl_global_cleanup();
    return exit_code;
}
