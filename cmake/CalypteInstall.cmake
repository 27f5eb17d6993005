# What `cmake --install` puts down: the program, the library, its headers, and a package for find_package(calypte).
include_guard()
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/calypte)
install(TARGETS calypte EXPORT calypteTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/calypte DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library
  FILES_MATCHING PATTERN "*.hpp")
install(EXPORT calypteTargets NAMESPACE calypte:: DESTINATION ${package_folder} COMPONENT library)
configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/calypteConfig.cmake.in ${CMAKE_BINARY_DIR}/calypteConfig.cmake
  INSTALL_DESTINATION ${package_folder})
# Before 1.0 a minor version may break its users.
write_basic_package_version_file(${CMAKE_BINARY_DIR}/calypteConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/calypteConfig.cmake ${CMAKE_BINARY_DIR}/calypteConfigVersion.cmake
  ${CMAKE_SOURCE_DIR}/cmake/FindSodium.cmake DESTINATION ${package_folder} COMPONENT library)
install(TARGETS calypte_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
