// Loops that become vector code.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

// Compiled once per instruction set, chosen when the library is loaded.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define IMAGIC_SIMD __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define IMAGIC_SIMD
#endif

namespace imagic {

/// e^x for x <= 0 to about one unit in the last place; 0 for -inf, NaN for NaN. Branchless, so that loops of it become
/// vector code: x = n·ln 2 + r, 2^n from the bits of n, e^r by its series.
inline float exp_negative(float x) {
    const float shifted = x * 1.44269504f + 12582912.0f;  // 1.5 · 2^23: n is now in the low bits
    const float n = shifted - 12582912.0f;
    const float r = std::fma(n, -1.42860677e-6f, std::fma(n, -0.693145752f, x));
    float p = 1.0f / 5040;
    p = std::fma(p, r, 1.0f / 720);
    p = std::fma(p, r, 1.0f / 120);
    p = std::fma(p, r, 1.0f / 24);
    p = std::fma(p, r, 1.0f / 6);
    p = std::fma(p, r, 0.5f);
    p = std::fma(p, r, 1.0f);
    p = std::fma(p, r, 1.0f);
    uint32_t bits;
    std::memcpy(&bits, &shifted, sizeof bits);
    bits = (bits - 0x4B400000u + 127) << 23;
    float power;
    std::memcpy(&power, &bits, sizeof power);
    return x < -87.0f ? 0.0f : p * power;
}

}  // namespace imagic
