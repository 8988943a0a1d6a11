// Opened from a file, a page may start no worker: the theme's search then runs in a frame that is not shown.
if (location.protocol === 'file:') {
  window.Worker = class extends EventTarget {
    #frame = document.createElement('iframe');
    #started = new Promise((started) => this.#frame.addEventListener('load', started));

    constructor(script) {
      super();
      this.#frame.hidden = true;
      this.#frame.srcdoc = `<script src="${script}"></script>`;
      document.body.append(this.#frame);
      this.#started.then(() => {
        this.#frame.contentWindow.postMessage = (data) => this.dispatchEvent(new MessageEvent('message', { data }));
      });
    }

    async postMessage(data) {
      await this.#started;
      this.#frame.contentWindow.dispatchEvent(new MessageEvent('message', { data }));
    }
  };
}
