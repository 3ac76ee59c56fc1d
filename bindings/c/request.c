/* Sends one request to the API with libcurl, and once more with another token where the first is refused.
 *
 *     cc request.c -o request $(pkg-config --cflags --libs sm_token libcurl)
 *     ./request /v1/companies/
 *
 * The token is a header inside this process, never an argument of a program, where `ps` would show it.
 * Credentials and service come from the environment, as in example.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <sm_token.h>

#define HEADER "Authorization: "

enum { LONGEST_AUTHORIZATION = 16 * 1024 + 8 };

/* The status of the answer; 0 where none came. Its body goes to standard output. */
static long get(const char *url, const char *header, const char *ca_file)
{
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, header);
    long status = 0;

    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 0L);
    if (ca_file != NULL)
        curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file);
    /* Redirects are not followed (libcurl's default): a custom header would be sent along. */
    if (curl_easy_perform(curl) == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return status;
}

/* The status of the answer; 0 where there was no token, or no answer. */
static long get_with_token(sm_client *client, const char *url, const char *ca_file)
{
    char header[sizeof HEADER + LONGEST_AUTHORIZATION] = HEADER;
    char *authorization = header + strlen(HEADER);
    sm_error *error = NULL;
    long status = 0;
    int tries;

    for (tries = 0; tries < 2; tries++) {
        if (sm_client_authorization(client, authorization, LONGEST_AUTHORIZATION, NULL, &error) !=
            SM_OK) {
            fprintf(stderr, "no token: %s\n", sm_error_message(error));
            sm_error_free(error);
            status = 0;
            break;
        }
        status = get(url, header, ca_file);
        if (status != 401)
            break;
        /* Revoked, say. Only this very token is dropped, should another thread have fetched a new one. */
        sm_client_invalidate_authorization(client, authorization);
    }
    memset(header, 0, sizeof header);
    return status;
}

int main(int argc, char **argv)
{
    const char *ca_file = getenv("SM_TOKEN_CA_FILE");
    const char *base_url = getenv("SMX_BASE_URL");
    sm_options *options = sm_options_new();
    sm_client *client = NULL;
    sm_error *error = NULL;
    char url[2048];
    long status = 0;
    int round, rounds = argc > 2 ? atoi(argv[2]) : 1;

    snprintf(url, sizeof url, "%s%s", base_url ? base_url : "https://api.standardmetrics.io",
             argc > 1 ? argv[1] : "/v1/companies/");
    if (sm_options_set_ca_file(options, ca_file) != SM_OK ||
        sm_client_new(NULL, NULL, options, &client, &error) != SM_OK) {
        fprintf(stderr, "no client: %s\n", error ? sm_error_message(error) : "SM_TOKEN_CA_FILE");
        sm_error_free(error);
        sm_options_free(options);
        return EXIT_FAILURE;
    }
    sm_options_free(options);

    curl_global_init(CURL_GLOBAL_DEFAULT);
    for (round = 0; round < rounds; round++) {
        if (round > 0)
            getchar(); /* the next request waits for a key */
        status = get_with_token(client, url, ca_file);
        printf("\nHTTP %ld\n", status);
        fflush(stdout);
    }
    curl_global_cleanup();
    sm_client_free(client);
    return status == 200 ? EXIT_SUCCESS : EXIT_FAILURE;
}
