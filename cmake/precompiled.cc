// What the headers of PacsSources.cmake are precompiled for.
int main() { return 0; }
