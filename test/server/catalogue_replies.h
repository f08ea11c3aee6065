/* Pieces of replies in HTTP/1.1, for the tables of those faults. */
#ifndef TS_CATALOGUE_REPLIES_H
#define TS_CATALOGUE_REPLIES_H

#include "catalogue_words.h"

#define LINE "HTTP/1.1 200 OK\r\n"
#define FIVE "Content-Length: 5\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define GOOD LINE FIVE "\r\nhello"
#define EVIL "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"

#endif
