/** Sends a file to where the API said, telling how much of it has gone: a share between 0 and 1. */
export function upload(file: File, to: { method: string; url: string }, told: (share: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(to.method, to.url);
    request.upload.onprogress = (event) => event.lengthComputable && told(event.loaded / event.total);
    request.onload = () => (request.status < 300 ? resolve() : reject(new Error(`upload: ${request.status}`)));
    request.onerror = () => reject(new Error("upload: no answer"));
    // Without a type, so that no header is sent but the length.
    request.send(file.slice(0, file.size, ""));
  });
}
