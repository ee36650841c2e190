"""An RTSP server of GStreamer on loopback. Prints its port, and ends when its input does.

    gstreamer_camera.py ENCODER...
"""

import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer

Gst.init(None)
encoder = " ".join(sys.argv[1:])
if Gst.ElementFactory.find(sys.argv[1]) is None:
    sys.exit("GStreamer has no " + sys.argv[1])

token = GstRtspServer.RTSPToken.new()
token.set_string("media.factory.role", "viewer")
auth = GstRtspServer.RTSPAuth.new()
auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
auth.add_digest("ann", "p@ss", token)

permissions = GstRtspServer.RTSPPermissions.new()
permissions.add_permission_for_role("viewer", "media.factory.access", True)
permissions.add_permission_for_role("viewer", "media.factory.construct", True)
factory = GstRtspServer.RTSPMediaFactory.new()
factory.set_launch(
    "( videotestsrc is-live=true pattern=smpte"
    " ! video/x-raw,format=I420,width=640,height=360,framerate=25/1"
    f" ! {encoder} ! rtph264pay name=pay0 pt=96 )"
)
factory.set_permissions(permissions)

server = GstRtspServer.RTSPServer.new()
server.set_address("127.0.0.1")
server.set_service("0")
server.set_auth(auth)
server.get_mount_points().add_factory("/door", factory)
if server.attach(None) == 0:
    sys.exit("there is no port")

loop = GLib.MainLoop()
threading.Thread(target=lambda: (sys.stdin.read(), loop.quit()), daemon=True).start()
print(server.get_bound_port(), flush=True)
loop.run()
