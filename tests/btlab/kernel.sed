# Applied to net/bluetooth/hci_conn.c. Linux 6.1.192 faults here when a device is paged in vain a
# second time: the channel's link is gone by then. (Seen as: "Kernel mode fault at addr 0x618".)
/^void hci_chan_del(struct hci_chan \*chan)/,/^}/ {
    s/struct hci_dev \*hdev = conn->hdev;/struct hci_dev *hdev;/
    s/^\(\tBT_DBG("%s hcon %p chan %p", hdev->name\)/\tif (!conn)\n\t\treturn;\n\thdev = conn->hdev;\n\n\1/
}
