#ifndef HAUL_TRANSFER_CURL_REASON_H
#define HAUL_TRANSFER_CURL_REASON_H

#include <curl/curl.h>

#include "haul/record.h"

/*
 * The reason that stands for a result code of libcurl. `detail` is the text of its error buffer
 * (libcurl 7.88 has one code for several causes), `os_errno` CURLINFO_OS_ERRNO. NONE if and only if
 * CURLE_OK. Pure; any thread.
 */
enum haul_reason haul_curl_reason(CURLcode code, const char *detail, long os_errno);

#endif
