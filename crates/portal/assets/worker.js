// Shows what was pushed, and leads to its page. It keeps nothing and answers no request.
self.addEventListener("push", (event) => {
  const told = event.data ? event.data.json() : { title: "Uphold", body: "", path: "/", thread: "", call: false };
  const options = { body: told.body, tag: told.thread, data: { path: told.path }, renotify: Boolean(told.thread), requireInteraction: Boolean(told.call) };
  event.waitUntil(self.registration.showNotification(told.title, options));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const path = (event.notification.data && event.notification.data.path) || "/";
  const address = new URL(path, self.location.origin);
  if (address.origin === self.location.origin) event.waitUntil(self.clients.openWindow(address.href));
});
