/* A test double of the NVIDIA driver: both libraries in one, loaded the same way. It checks
 * versions, order and handles, and remembers the first fault. SCENARIO picks how it answers. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__has_include)
#if __has_include(<ffnvcodec/nvEncodeAPI.h>)
/* The reference declares the two functions that the double defines with types of its own. */
#define NvEncodeAPIGetMaxSupportedVersion reference_get_max_supported_version
#define NvEncodeAPICreateInstance reference_create_instance
#include <ffnvcodec/nvEncodeAPI.h>
#undef NvEncodeAPIGetMaxSupportedVersion
#undef NvEncodeAPICreateInstance
#define HAVE_REFERENCE 1
#endif
#endif

enum {
    ENCODES = 0,
    NO_DEVICE = 1,
    TOO_OLD = 2,
    UNSUPPORTED_DEVICE = 3,
    ONLY_HEVC = 4,
    SESSION_LIMIT = 5,
    CUDA_BROKEN = 6,
    SECOND_DEVICE_ENCODES = 7,
};

typedef struct {
    uint32_t data1;
    uint16_t data2, data3;
    uint8_t data4[8];
} guid_t;

typedef struct {
    uint32_t version, device_type;
    void *device, *reserved;
    uint32_t api_version, reserved1[253];
    void *reserved2[64];
} session_params_t;

typedef struct {
    uint32_t version, reserved;
    void *functions[318];
} function_list_t;

#ifdef HAVE_REFERENCE
_Static_assert(sizeof(guid_t) == sizeof(GUID), "GUID");
_Static_assert(sizeof(session_params_t) == sizeof(NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS), "params");
_Static_assert(sizeof(function_list_t) == sizeof(NV_ENCODE_API_FUNCTION_LIST), "list");
_Static_assert(offsetof(session_params_t, api_version) ==
                   offsetof(NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS, apiVersion), "apiVersion");
_Static_assert(offsetof(function_list_t, functions[1]) ==
                   offsetof(NV_ENCODE_API_FUNCTION_LIST, nvEncGetEncodeGUIDCount), "count");
_Static_assert(offsetof(function_list_t, functions[4]) ==
                   offsetof(NV_ENCODE_API_FUNCTION_LIST, nvEncGetEncodeGUIDs), "guids");
_Static_assert(offsetof(function_list_t, functions[27]) ==
                   offsetof(NV_ENCODE_API_FUNCTION_LIST, nvEncDestroyEncoder), "destroy");
_Static_assert(offsetof(function_list_t, functions[29]) ==
                   offsetof(NV_ENCODE_API_FUNCTION_LIST, nvEncOpenEncodeSessionEx), "open");
#endif

static const char *fault = "";
static int initialised, current_device = -1, contexts, sessions, sessions_opened;
static int context_token, session_token;

static int wrong(const char *what, int answer) {
    if (!*fault) fault = what;
    return answer;
}

const char *double_fault(void) { return fault; }
int double_left_open(void) { return contexts + sessions; }
int double_sessions_opened(void) { return sessions_opened; }

int cuInit(unsigned flags) {
    if (SCENARIO == NO_DEVICE) return 100;
    if (SCENARIO == CUDA_BROKEN) return 999;
    if (flags) return wrong("cuInit: flags", 1);
    initialised = 1;
    return 0;
}

int cuDriverGetVersion(int *version) {
    *version = 12040;
    return 0;
}

int cuDeviceGetCount(int *count) {
    if (!initialised) return wrong("cuDeviceGetCount before cuInit", 3);
    *count = SCENARIO == SECOND_DEVICE_ENCODES ? 2 : 1;
    return 0;
}

int cuDeviceGet(int *device, int ordinal) {
    if (!initialised) return wrong("cuDeviceGet before cuInit", 3);
    *device = ordinal;
    return 0;
}

int cuDeviceGetName(char *name, int length, int device) {
    const char *names[] = {"Double 0", "Double 1"};
    if (length < 16) return wrong("cuDeviceGetName: length", 1);
    strcpy(name, names[device]);
    return 0;
}

int cuCtxCreate_v2(void **context, unsigned flags, int device) {
    (void)flags;
    if (!initialised) return wrong("cuCtxCreate before cuInit", 3);
    contexts++;
    current_device = device;
    *context = &context_token;
    return 0;
}

int cuCtxDestroy_v2(void *context) {
    if (context != &context_token || contexts == 0) return wrong("cuCtxDestroy: no such context", 201);
    if (sessions) wrong("the context was destroyed before its session", 0);
    contexts--;
    return 0;
}

int NvEncodeAPIGetMaxSupportedVersion(uint32_t *version) {
    *version = SCENARIO == TOO_OLD ? (9u << 4) | 1u : (12u << 4) | 2u;
    return 0;
}

static int count_guids(void *encoder, uint32_t *count) {
    if (encoder != &session_token || !sessions) return wrong("GUID count without a session", 6);
    *count = 2;
    return 0;
}

static int get_guids(void *encoder, guid_t *guids, uint32_t capacity, uint32_t *count) {
    static const guid_t hevc = {0x790cdc88, 0x4522, 0x4d7b,
                                {0x94, 0x25, 0xbd, 0xa9, 0x97, 0x5f, 0x76, 0x03}};
    static const guid_t h264 = {0x6bc82762, 0x4e63, 0x4ca4,
                                {0xaa, 0x85, 0x1e, 0x50, 0xf3, 0x21, 0xf6, 0xbf}};
    if (encoder != &session_token || !sessions) return wrong("GUIDs without a session", 6);
    if (capacity < 2) return wrong("GUID array too small", 8);
    guids[0] = hevc;
    guids[1] = h264;
    *count = SCENARIO == ONLY_HEVC ? 1 : 2;
    return 0;
}

static int open_session(session_params_t *params, void **encoder) {
    if (params->version != 0x7101000bu) return wrong("session parameters: version", 15);
    if (params->api_version != 0x0100000bu) return wrong("session parameters: API version", 15);
    if (params->device_type != 1) return wrong("session parameters: not a CUDA device", 8);
    if (params->device != &context_token || !contexts) return wrong("session without a context", 4);
    for (int i = 0; i < 253; i++)
        if (params->reserved1[i]) return wrong("session parameters: reserved1", 8);
    for (int i = 0; i < 64; i++)
        if (params->reserved2[i]) return wrong("session parameters: reserved2", 8);
    if (SCENARIO == UNSUPPORTED_DEVICE) return 2;
    if (SCENARIO == SECOND_DEVICE_ENCODES && current_device == 0) return 2;
    /* As the header warns: a refused session may leave a handle that must be destroyed. */
    sessions++;
    *encoder = &session_token;
    if (SCENARIO == SESSION_LIMIT) return 10;
    sessions_opened++;
    return 0;
}

static int destroy_session(void *encoder) {
    if (encoder != &session_token || !sessions) return wrong("destroyed without a session", 6);
    sessions--;
    return 0;
}

int NvEncodeAPICreateInstance(function_list_t *list) {
    if (list->version != 0x7102000bu) return wrong("function list: version", 15);
    list->functions[1] = (void *)count_guids;
    list->functions[4] = (void *)get_guids;
    list->functions[27] = (void *)destroy_session;
    list->functions[29] = (void *)open_session;
    return 0;
}
