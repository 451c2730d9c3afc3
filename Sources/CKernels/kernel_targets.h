// Marks a function that is compiled once for each instruction set and chosen when the program is loaded.
#ifndef KERNEL_TARGETS_H
#define KERNEL_TARGETS_H

#if defined(__x86_64__) && defined(__linux__)
#define FOR_EACH_INSTRUCTION_SET __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_INSTRUCTION_SET
#endif

#endif
