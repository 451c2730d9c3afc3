// Channels that one vector register of this processor holds.
#ifndef CKERNELS_CHANNEL_BLOCK_H
#define CKERNELS_CHANNEL_BLOCK_H

#include <stdint.h>

// 16 with AVX-512, else 8.
int32_t ckernels_channel_block(void);

#endif
