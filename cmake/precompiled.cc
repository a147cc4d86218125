// What the headers of PacsPrecompile.cmake are precompiled for.
int main() { return 0; }
