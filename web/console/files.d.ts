// Files that the builder takes in.
declare module '*.css'
