# One target that carries what every C file here is compiled with.
add_library(onehead-flags INTERFACE)
target_compile_definitions(onehead-flags INTERFACE _GNU_SOURCE
	ONEHEAD_VERSION="${PROJECT_VERSION}")
target_include_directories(onehead-flags INTERFACE ${CMAKE_SOURCE_DIR}/core)
target_compile_options(onehead-flags INTERFACE
	-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
	-Wvla -Wformat=2 -Wwrite-strings -Wundef
	-fstack-protector-strong -fstack-clash-protection -fcf-protection=full)
target_link_options(onehead-flags INTERFACE -Wl,-z,relro,-z,now)
if(ONEHEAD_WERROR)
	target_compile_options(onehead-flags INTERFACE -Werror)
endif()
if(ONEHEAD_SANITIZE)
	target_compile_options(onehead-flags INTERFACE
		-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
	target_link_options(onehead-flags INTERFACE -fsanitize=address,undefined)
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
	target_compile_options(onehead-flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif()
if(ONEHEAD_FUZZ)
	target_compile_options(onehead-flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Many small functions in many files: the linker puts them together for the programs. The objects
# are of both kinds, so that a test links as fast as ever.
add_library(onehead-program INTERFACE)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND NOT ONEHEAD_SANITIZE AND NOT ONEHEAD_FUZZ AND
	NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
	target_compile_options(onehead-flags INTERFACE -flto=auto -ffat-lto-objects)
	target_link_options(onehead-flags INTERFACE $<$<NOT:$<BOOL:$<TARGET_PROPERTY:OH_PROGRAM>>>:-fno-lto>)
	target_link_options(onehead-program INTERFACE -flto=auto -O2)
endif()
