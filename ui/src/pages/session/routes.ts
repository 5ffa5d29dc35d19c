import { defineRoom } from '@/app/rooms'

// The addresses of the links that the server writes: reset-password?token=…, invitation/<id>.
export default defineRoom({
  openRoutes: [
    { path: 'login', name: 'sign-in', component: () => import('./SignInPage.vue'), meta: { title: 'session.signIn' } },
    { path: 'forgotten-password', name: 'forgotten-password', component: () => import('./ForgottenPage.vue'), meta: { title: 'session.forgotten' } },
    { path: 'reset-password', name: 'reset-password', component: () => import('./ResetPage.vue'), meta: { title: 'session.newPassword' } },
    { path: 'invitation/:id', name: 'invitation', component: () => import('./InvitationPage.vue'), meta: { title: 'session.invitation' } },
    { path: 'setup', name: 'setup', component: () => import('./SetupPage.vue'), meta: { title: 'session.setup' } },
  ],
})
