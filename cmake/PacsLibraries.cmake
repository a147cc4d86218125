# Every third-party library comes from the distribution (tools/install_dependencies.sh).
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CURL REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(pugixml REQUIRED)
pkg_check_modules(SQLITE3 REQUIRED IMPORTED_TARGET sqlite3>=3.38)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(SIMDJSON REQUIRED IMPORTED_TARGET simdjson)
pkg_check_modules(LIBARCHIVE REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
# toml++ is used header-only: the compiled flavour differs between the distributions.
find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)

# DCMTK's own package files pull in every one of its modules; we link the few that we use.
find_path(DCMTK_INCLUDE_DIR dcmtk/dcmdata/dctk.h REQUIRED)
foreach(library dcmdata oflog ofstd)
  find_library(DCMTK_${library}_LIBRARY ${library} REQUIRED)
endforeach()
add_library(dcmtk_dcmdata INTERFACE)
target_include_directories(dcmtk_dcmdata SYSTEM INTERFACE "${DCMTK_INCLUDE_DIR}")
target_link_libraries(dcmtk_dcmdata INTERFACE ${DCMTK_dcmdata_LIBRARY} ${DCMTK_oflog_LIBRARY}
                                              ${DCMTK_ofstd_LIBRARY} ZLIB::ZLIB)

# The codecs of pixel/: what DICOM calls JPEG is four families, and no library knows them all.
find_package(JPEG REQUIRED)
pkg_check_modules(OPENJPEG REQUIRED IMPORTED_TARGET libopenjp2>=2.5)
pkg_check_modules(CHARLS REQUIRED IMPORTED_TARGET charls)
pkg_check_modules(LCMS REQUIRED IMPORTED_TARGET lcms2)
pkg_check_modules(SPNG REQUIRED IMPORTED_TARGET spng)
# Debian's openjph.pc names no library.
find_path(OPENJPH_INCLUDE_DIR openjph/ojph_codestream.h REQUIRED)
find_library(OPENJPH_LIBRARY openjph REQUIRED)
add_library(openjph INTERFACE)
target_include_directories(openjph SYSTEM INTERFACE "${OPENJPH_INCLUDE_DIR}")
target_link_libraries(openjph INTERFACE "${OPENJPH_LIBRARY}")
foreach(library dcmjpeg dcmimage dcmimgle ijg8 ijg12 ijg16)
  find_library(DCMTK_${library}_LIBRARY ${library} REQUIRED)
endforeach()
add_library(dcmtk_codecs INTERFACE)
target_link_libraries(dcmtk_codecs INTERFACE
  ${DCMTK_dcmjpeg_LIBRARY} ${DCMTK_ijg8_LIBRARY} ${DCMTK_ijg12_LIBRARY} ${DCMTK_ijg16_LIBRARY}
  ${DCMTK_dcmimage_LIBRARY} ${DCMTK_dcmimgle_LIBRARY} dcmtk_dcmdata)

if(PACS_LITE_TESTS)
  find_package(GTest REQUIRED)
endif()
